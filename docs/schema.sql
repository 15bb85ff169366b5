-- The database as it is today. Made from store/sql/migrations by scripts/schema.py: change it with a migration.
--
-- Rules of this schema
--  * workspace_id stands first in every primary key, unique key, foreign key and index; one transaction is one workspace.
--    Exceptions: api_key, directory (looked up before the workspace is known) and migration.
--  * No trigger, no extension, no MERGE, no foreign key to a row that every batch updates (ingestion would wait for deciding).
--  * Ids are text: a prefix and 26 Crockford base32 digits of 128 bits, whose text order is the order of time.
--  * Times are bigint: microseconds since 1970-01-01 UTC (exact, as in the log). touch.stored_at alone is a timestamptz, as the
--    partition key. Amounts are bigint minor units or points (sums of all, in rollup, numeric); the unit stands beside.
--  * Nested values are jsonb, as the core's structs write them.
--  * Personal data stands only in *sealed* columns (AES-256-GCM under the person's key, row identity as associated data) and, as
--    blind indexes (HMAC), in alias.blind and match_key.blind.
--  * The nouns of core/state.py have a table each, one column a field: written whole, loaded by key, and equal to what a replay of
--    the log gives. Their fields are explained there.
--  * When PostgreSQL looks at tables, and how closely, is not shown: docs/decisions/0016 says it.

-- One company's environment. clock: real, manual (a sandbox's, moved by events) or events (accepted_at is occurred_at).
create table workspace (
  workspace_id text collate "C" not null,
  name         text not null,
  mode         text not null,
  clock        text not null,
  created_at   bigint not null,
  erasures     integer not null default 0,  -- persons who were erased
  primary key (workspace_id),
  check (clock in ('real', 'manual', 'events')),
  check (mode in ('live', 'sandbox'))
);

-- The lock, the clock and the head of a workspace's log. Every batch locks this row first and writes it last.
create table stream (
  workspace_id text collate "C" not null,
  "position"   bigint not null default 0,    -- entries in the log; positions are 1 .. position, without gaps
  as_of        bigint not null default 0,    -- never falls
  manual_now   bigint,                       -- what a manual clock shows
  frontier     bytea not null default '\x',  -- merkle.Frontier, encoded
  next_due     bigint,                       -- the earliest timer, null: none; a hint for workers
  primary key (workspace_id)
);

-- Keys of a workspace, wrapped by the master key. purpose: index, content, payee, note, signing
create table workspace_secret (
  workspace_id text collate "C" not null,
  purpose      text not null,
  wrapped      bytea not null,
  public       text,  -- of a signing key: what a verifier needs
  primary key (workspace_id, purpose)
);

-- The inbox: the id of everything from outside, and of every command that has one, recognised for ever. Never partitioned, only
-- ever added to. content: keyed digest of what was sent. What was sent waits in undecided, and stands in the log from then on,
-- under evt.
create table event (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,
  evt          text collate "C" not null,
  type         text collate "C" not null,
  content      bytea not null,
  primary key (workspace_id, source, id)
);

-- What of the inbox is not decided; a row goes when its entry comes, so that nothing long is written twice, and the long
-- history holds nothing that waits. body: the event free of personal data (events.Event).
create table undecided (
  workspace_id text collate "C" not null,
  evt          text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,
  body         bytea not null,
  waits_for    text collate "C",  -- quarantine: the event that must be decided first (itself: set aside)
  trace        text,              -- quarantine: what went wrong
  primary key (workspace_id, evt)
);
create index undecided_aside on undecided (workspace_id, waits_for, evt) where (waits_for is not null);

-- The log: what was decided, byte for byte as hashed. Only ever added to.
create table log (
  workspace_id text collate "C" not null,
  "position"   bigint not null,
  evt          text collate "C" not null,
  leaf         bytea not null,
  primary key (workspace_id, "position")
);
create unique index log_evt on log (workspace_id, evt);

-- Full 256-leaf tiles of the tree (tile 0: positions 1 .. 256), each with its 256 leaf hashes.
create table log_tile (
  workspace_id text collate "C" not null,
  tile         bigint not null,
  root         bytea not null,
  hashes       bytea not null,
  larger       bytea not null default '\x',  -- the roots of the full subtrees of 2, 4 … tiles that end with the tile, 32 bytes each; what is missing is worked out from those of others
  primary key (workspace_id, tile)
);

-- Signed heads.
create table log_head (
  workspace_id text collate "C" not null,
  size         bigint not null,
  root         bytea not null,
  as_of        bigint not null,
  signature    bytea not null,
  public       text not null,
  primary key (workspace_id, size)
);

-- Double entry. Only ever added to. n: place among the postings of its position.
create table posting (
  workspace_id      text collate "C" not null,
  "position"        bigint not null,
  n                 integer not null,
  program           text collate "C" not null,
  source            text collate "C" not null,
  source_owner      text collate "C" not null,
  to_program        text collate "C" not null,
  destination       text collate "C" not null,
  destination_owner text collate "C" not null,
  unit              text collate "C" not null,
  amount            bigint not null,
  reward            text collate "C" not null,
  primary key (workspace_id, "position", n),
  check (amount > 0)
);
create index posting_reward on posting (workspace_id, reward);

-- Who said yes to what: one row an item of a list. Only ever added to. kind: approve, release
create table approval (
  workspace_id text collate "C" not null,
  "position"   bigint not null,
  n            integer not null,
  kind         text collate "C" not null,
  subject      text collate "C" not null,  -- reward or payout
  member       text collate "C" not null,
  amount       bigint not null,
  unit         text collate "C" not null,
  destination  text collate "C",
  list_sha256  text collate "C" not null,
  primary key (workspace_id, "position", n)
);
create index approval_subject on approval (workspace_id, subject);

-- Touches: clicks and code entries, observations. Those of the edge have a block, those of events their log position.
create table touch (
  workspace_id text collate "C" not null,
  stored_at    timestamp with time zone not null,  -- the server's real time
  id           text collate "C" not null,
  code         text collate "C" not null,
  at           bigint not null,
  visitor      text collate "C",
  device       text collate "C",
  bot          boolean not null,
  block        text collate "C",
  evt          text collate "C",
  primary key (workspace_id, id, stored_at)
) partition by range (stored_at);
create index touch_visitor on touch (workspace_id, visitor, stored_at) where (visitor is not null);
create index touch_block_rows on touch (workspace_id, block, id);

-- What the edge stored in one flush: count and SHA-256 over the touches' bytes in order of id. Its event, stored in the same
-- commit, takes it into the log.
create table touch_block (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  stored_at    bigint not null,
  count        integer not null,
  digest       bytea not null,
  primary key (workspace_id, id)
);

-- What an outside name stands for. kind: person, visitor, click, device, payment, company, code, invoice … blind: HMAC of the
-- canonical name under the workspace's index key; sealed: the name itself, for people with the right.
create table alias (
  workspace_id text collate "C" not null,
  kind         text collate "C" not null,
  blind        bytea not null,
  id           text collate "C" not null,
  sealed       bytea,
  evt          text collate "C",  -- the event that brought it; null: none did, or it is of before digests of names stood in the log
  primary key (workspace_id, kind, blind)
);
create index alias_id on alias (workspace_id, id);

-- A person's own key, wrapped by the master key; erasing a person deletes it.
create table person (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  wrapped      bytea not null,
  primary key (workspace_id, id)
);

-- What an event said of a person, sealed under the person's key: mail, phone, name, address, IP, user agent, free text,
-- metadata.
create table personal (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  evt          text collate "C" not null,
  sealed       bytea not null,
  primary key (workspace_id, person, evt)
);

-- By what persons are recognised. kind: mail, phone, payment, device. verified: asserted by a trusted source.
create table match_key (
  workspace_id text collate "C" not null,
  kind         text collate "C" not null,
  blind        bytea not null,
  person       text collate "C" not null,
  verified     boolean not null,
  evt          text collate "C",  -- the event that brought it; null: of before such digests stood in the log
  raised       text collate "C",  -- the event of a trusted source that said it after one that was none; null: none
  primary key (workspace_id, kind, blind, person)
);
create index match_key_person on match_key (workspace_id, person);

-- Payment details, sealed under the payee's key; the log has their digest only.
create table payee_detail (
  workspace_id    text collate "C" not null,
  person          text collate "C" not null,
  rail            text collate "C" not null,
  digest          text collate "C" not null,
  sealed          bytea not null,
  suggested       bytea,             -- sealed under the person's own key: the name by which a bank knows the account
  entering_rail   text collate "C",  -- the rail of what the person entered and does not hold yet
  entering_digest text collate "C",  -- its digest
  entering        bytea,             -- what it says, sealed as the details are
  link            bytea,             -- SHA-256 of the link by which they confirm it or take it back
  mailed          text collate "C",  -- the job that mailed this link, which may have arrived
  primary key (workspace_id, person)
);
create unique index payee_detail_link on payee_detail (workspace_id, link) where (link is not null);

-- Text typed by people, sealed under the workspace's note key; the log has its salted digest.
create table note (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,  -- the digest
  sealed       bytea not null,
  primary key (workspace_id, id)
);

-- API keys and members' keys: only the SHA-256 of a key is kept. kind: sk, wk, pk, mk. Looked up before the workspace is known.
create table api_key (
  hash         bytea not null,
  id           text collate "C" not null,
  workspace_id text collate "C" not null,
  kind         text not null,
  member       text collate "C",
  name         text not null default '',
  created_at   bigint not null,
  revoked_at   bigint,
  source       text collate "C" not null default '',  -- of a secret (hs): the source that signs with it; of a restricted key (rk): the one that is asked with it
  sealed       bytea,                                 -- of a secret (hs) or a restricted key (rk): its text, sealed with the key for texts of the workspace
  primary key (hash),
  check (kind in ('sk', 'wk', 'pk', 'mk', 'hs', 'rk'))
);
create index api_key_workspace on api_key (workspace_id, id);
create index api_key_age on api_key (created_at) where (revoked_at is null);

-- Which workspace answers for a host name.
create table directory (
  host         text collate "C" not null,
  workspace_id text collate "C" not null,
  since        bigint not null default 0,  -- real time: when it was set; links are given at the newest
  primary key (host)
);
create index directory_workspace on directory (workspace_id);

-- Work to do after a commit. lease: a worker that does not come back loses it.
create table job (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  kind         text collate "C" not null,
  subject      text collate "C" not null,
  due_at       bigint not null,  -- real time
  leased_until bigint,
  attempts     integer not null default 0,
  done_at      bigint,
  error        text,
  queue        text collate "C" not null default 'payouts',
  priority     integer not null default 1,
  payload      jsonb not null default '{}',
  dead         boolean not null default false,
  primary key (workspace_id, id)
);
create index job_due on job (workspace_id, due_at) where (done_at is null);
create index job_next on job (workspace_id, queue, kind, priority, due_at) where (done_at is null);
create index job_ended on job (workspace_id, done_at) where (not dead);
create index job_dead on job (workspace_id, kind) where dead;

-- Published rules, immutable.
create table rule_version (
  workspace_id text collate "C" not null,
  hash         text collate "C" not null,
  semantics    integer not null,
  document     text not null,
  primary key (workspace_id, hash)
);

create table program (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  slug         text collate "C" not null,
  status       text collate "C" not null,
  versions     jsonb not null default '[]',
  moves        jsonb not null default '[]',  -- when it was paused, resumed or ended: [instant, status], oldest first
  pilots       jsonb not null default '[]',  -- the cycles in which it ran for some first, oldest first: who was in, when it began, when it ends, when it was over
  launch       jsonb,                        -- the plan with which it passed the gate the last time, and what was seen then; null: it never had to
  silent       jsonb not null default '[]',  -- feeds that are silent for longer than the plan allows, each with when it delivered last
  primary key (workspace_id, id)
);
create unique index program_slug on program (workspace_id, slug);

create table advocate (
  workspace_id text collate "C" not null,
  program      text collate "C" not null,
  person       text collate "C" not null,
  id           text collate "C" not null,
  status       text collate "C" not null,
  enrolled_at  bigint not null,
  terms        boolean not null,
  codes        jsonb not null,
  "case"       text collate "C",             -- while suspended: the case of it
  missed       jsonb not null default '[]',  -- what was refused because of a suspension: [referral, conversion]
  lifted_by    text collate "C",             -- the member who said first that the suspension is wrong
  forgotten    integer not null default 0,   -- so many more were refused because of a suspension than are remembered
  accepted     text collate "C",             -- the version of the rules by which they accepted the terms last; null: they did not, or it is not known which
  changed_at   bigint,                       -- when they chose another code; null: they may do so once
  shared       jsonb not null default '[]',  -- the newest channels that they opened with their link: when, which, and the name of the text
  primary key (workspace_id, program, person)
);
create unique index advocate_id on advocate (workspace_id, id);
create index advocate_person on advocate (workspace_id, person, id);
create index advocate_program on advocate (workspace_id, program, id);

create table code (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C",
  person       text collate "C",
  leads        jsonb not null default '[]',
  means        text collate "C",  -- the code that was enrolled and looks like this one
  primary key (workspace_id, id)
);
create index code_means on code (workspace_id, means) where (means is not null);

create table customer (
  workspace_id        text collate "C" not null,
  person              text collate "C" not null,
  known_since         bigint,
  first_conversion_at bigint,
  country             text,
  traits              jsonb not null default '{}',
  visitors            jsonb not null default '[]',
  referrals           jsonb not null default '[]',
  unverified_leads    jsonb not null default '[]',
  disposable          boolean not null default false,
  parted              jsonb not null default '[]',     -- referrals that a merge or a claim ended: what they earned before may still be owed
  waiting             jsonb not null default '[]',     -- leads that no touch has won
  issues              jsonb not null default '[]',     -- issues with the company that are not closed, the oldest first
  language            text,                            -- a tag of BCP 47
  time_zone           text,                            -- a name of the IANA list
  company             text,                            -- the firm that they belong to
  consents            jsonb not null default '{}',     -- what they agreed to, by purpose and channel, and until when
  first_paid_at       bigint,                          -- when they paid something first, as far as it was told since firms are looked at
  company_as          text collate "C",                -- by what the firm is named: id, or only its name; null: by nothing that tells it from others
  domain              text collate "C",                -- of their firm, as its sender says, or else of their mail, where strangers have no addresses
  domain_of_mail      boolean not null default false,  -- whether it is that of their mail
  staff               text collate "C",                -- whether their mail is a member's, mail, or at the domain of one, domain
  unlike              jsonb not null default '[]',     -- referrals of which a person said that it is not by these that this customer came
  answers             jsonb not null default '{}',     -- what they answered last, by the name of the survey: score, lowest and highest answer, when
  primary key (workspace_id, person)
);
create index customer_board on customer (workspace_id, person) where (consents ? 'leaderboard');

create table visitor (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  persons      jsonb not null,
  leads        jsonb not null default '[]',  -- leads that no touch has won yet: a click that comes later decides them again
  primary key (workspace_id, id)
);

create table lead (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  at           bigint not null,
  program      text collate "C",
  visitor      text collate "C",
  click        text collate "C",
  code         text collate "C",
  link_code    text collate "C",
  unverified   boolean not null default false,
  confirmed    boolean not null default false,  -- only a page said it, and a signed source confirmed it later
  entered_by   text collate "C",                -- who of the company typed its code: they do not approve what comes of it
  registration text collate "C",                -- the accepted registration that brought them
  primary key (workspace_id, id)
);

create table referral (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  program       text collate "C" not null,
  friend        text collate "C" not null,
  shares        jsonb not null,
  rules         text collate "C" not null,
  status        text collate "C" not null,
  lead_at       bigint not null,
  lead          text collate "C" not null,
  touch_at      bigint,
  touch         text collate "C",
  typed         boolean not null default false,
  qualified     jsonb not null default '[]',
  acts          jsonb not null default '[]',
  paid          jsonb not null default '{}',
  asked         jsonb not null default '[]',  -- flags of which a person was asked whether they are true of the friend
  proofs        jsonb not null default '[]',  -- what came late and speaks against it, with its evidence
  confidence    text collate "C",             -- exact, probable or possible; null: bound before it was said
  grounds       jsonb not null default '[]',  -- why it is as sure as that: codes and values
  aside         jsonb not null default '[]',  -- its rewards that a person put aside: what comes of it brings them back
  changed       bigint not null default 0,    -- where the log ended with what changed it last; 0: before this was kept
  percent_asked text collate "C",             -- the rate that its advocate asked for with the registration that brought the friend
  offer         text collate "C",             -- what its friend is, or was, welcomed with
  primary key (workspace_id, id)
);
create index referral_friend on referral (workspace_id, friend, id);
create index referral_program on referral (workspace_id, program, status, id);
create index referral_advocate on referral (workspace_id, (((shares -> 0) ->> 'person')), id) where (status <> '');

create table conversion (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  status       text collate "C" not null,
  evt          text collate "C",
  person       text collate "C",
  at           bigint not null default 0,
  name         text collate "C" not null default 'purchase',
  amount       bigint,
  currency     text collate "C",
  country      text,
  lines        jsonb not null default '[]',
  back         jsonb not null default '{}',
  chargebacks  integer not null default 0,
  rewards      jsonb not null default '[]',
  settled      boolean not null default false,
  waiting      integer not null default 0,
  tax          bigint not null default 0,
  shipping     bigint not null default 0,
  discount     bigint not null default 0,
  cases        jsonb not null default '{}',
  rivals       jsonb not null default '[]',
  amended      jsonb,
  twin         text collate "C",
  changed      bigint not null default 0,    -- where the log ended with what changed it last; 0: before this was kept
  asked_back   jsonb not null default '{}',  -- refunds that somebody asked for and that were not given back yet, by id, the newest: when it was said last, and whether it was open then
  offer        text collate "C",             -- the offer that it names
  primary key (workspace_id, id)
);
create index conversion_person on conversion (workspace_id, person, at);
create index conversion_twin on conversion (workspace_id, twin, id) where (twin is not null);
create index conversion_status on conversion (workspace_id, status, at, id) where (status <> '');

create table reward (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  program       text collate "C" not null,
  referral      text collate "C" not null,
  conversion    text collate "C" not null,
  friend        text collate "C" not null,
  side          text collate "C" not null,
  beneficiary   text collate "C" not null,
  share         integer not null,
  kind          text collate "C" not null,
  unit          text collate "C" not null,
  gross         bigint not null,
  amount        bigint not null,
  status        text collate "C" not null,
  rules         text collate "C" not null,
  "on"          text collate "C" not null,
  rule          integer not null,
  tier          integer not null,
  evt           text collate "C" not null,
  earned_at     bigint not null,
  hold_until    bigint not null,
  sent          bigint not null default 0,
  netted        bigint not null default 0,    -- more than sent, where a payout came back after its debt was netted
  cases         jsonb not null default '[]',
  approvals     jsonb not null default '[]',
  approval_list text collate "C",
  approved_at   bigint,
  due_at        bigint,
  destination   text collate "C",
  payout        text collate "C",
  acts          jsonb not null default '[]',
  taken_by      text collate "C",
  by_claim      boolean not null default false,
  owed_back     text collate "C" not null default 'net',
  rejecting     jsonb not null default '[]',
  reject_list   text collate "C",
  ceiling       bigint,
  expires_at    bigint,                       -- while it is in review: when its present stay is over
  repaid        bigint not null default 0,    -- what of netted was paid back by the beneficiary
  forgiven      bigint not null default 0,    -- what was sent too much and nobody asks for any more
  settling      jsonb not null default '[]',  -- who settles what is owed back, while a second is awaited
  settling_list text collate "C",
  reviewed_at   bigint,                       -- since when it is, or was last, in review; null: since its hold
  decide_by     bigint,                       -- by when a person is to decide it, in its present or last stay in review; null: seven days after its hold
  risk          bigint not null default 0,    -- how grave what waits for a person about it is, 0 to 3
  marks         jsonb not null default '[]',  -- flags that were raised on it, each with when and by which case, the newest last
  opened_by     jsonb not null default '[]',  -- members who opened its evidence since the last of them
  snoozed_until bigint,                       -- put aside until then
  snoozed_evt   text collate "C",             -- the event by which it was last put aside or taken back
  changed       bigint not null default 0,    -- where the log ended with what changed it last; 0: before this was kept
  agreement     jsonb,                        -- by which agreement and version it was judged when it was earned, and the own rate that it was worked out by
  route         jsonb,                        -- table, name and place of its route, the role and the fallback that decide it, within how many days, and what it was chosen by
  puts_right    text collate "C",             -- of a correction: the reward that it puts right
  document      text collate "C",             -- of a correction: what it rests on outside of here
  corrections   jsonb not null default '[]',  -- the corrections that put it right, the oldest first
  arrived_in    text collate "C",             -- the payout that arrived after all when another one was under way with it, or had paid it
  standing      jsonb,                        -- the standing approval that it was earned under; why it waits for a person, or else what that approved, and when
  primary key (workspace_id, id),
  check (amount >= 0 and amount <= gross),
  check (forgiven >= 0),
  check (gross >= 0),
  check (netted >= 0),
  check (repaid >= 0),
  check (sent >= 0)
);
create index reward_status on reward (workspace_id, status, id);
create index reward_beneficiary on reward (workspace_id, beneficiary, id);
create index reward_program on reward (workspace_id, program, status, id);
create index reward_open_in on reward (workspace_id, referral) where (status in ('pending', 'in_review', 'approved', 'processing'));
create index reward_unsettled on reward (workspace_id, beneficiary) where ((status in ('pending', 'in_review', 'approved', 'processing')) or (((sent - netted) - forgiven) > amount));
create index reward_queue on reward (workspace_id, rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'), least(greatest(((coalesce(decide_by, (hold_until + '604800000000')) - coalesce(reviewed_at, hold_until)) / '86400000000'), (0)), (366)), coalesce(reviewed_at, hold_until), id) where (status = 'in_review');
create index reward_queue_amount on reward (workspace_id, rules, unit, ((- amount)), id) where (status = 'in_review');
create index reward_first_list on reward (workspace_id, approval_list, id) where ((status = 'in_review') and (approval_list is not null));
create index reward_aside on reward (workspace_id, snoozed_until, id) where ((status = 'in_review') and (snoozed_until is not null));
create index reward_promised on reward (workspace_id, decide_by) where ((status = 'in_review') and (route is not null));
create index reward_decided on reward (workspace_id, approved_at) where ((approved_at is not null) and (route is not null));
create index reward_owing on reward (workspace_id, beneficiary) where (((sent - netted) - forgiven) > amount);
create index reward_payable on reward (workspace_id, unit, beneficiary, due_at) where ((status = 'approved') and (payout is null));
create index reward_board on reward (workspace_id, beneficiary, approved_at) where (approved_at is not null);

-- Every batch changes rows of this table: a third of each page stays free, so that a change stays in its page and touches no
-- index.
create table counter (
  workspace_id text collate "C" not null,
  program      text collate "C" not null,
  person       text collate "C" not null,
  kind         text collate "C" not null,
  period       text collate "C" not null,
  count        bigint not null default 0,
  amounts      jsonb not null default '{}',
  days         jsonb not null default '{}',
  primary key (workspace_id, program, person, kind, period)
) with (fillfactor=70);
create index counter_paid on counter (workspace_id, period, person) where (kind = 'paid');

create table "case" (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  kind          text collate "C" not null,
  program       text collate "C",
  subject       text collate "C" not null,
  status        text collate "C" not null,
  opened_at     bigint not null,
  flags         jsonb not null,
  rewards       jsonb not null default '[]',
  outcome       text collate "C",
  decided_by    text collate "C",
  decided_at    bigint,
  evt           text collate "C" not null,
  decided_evt   text collate "C",
  appealed_at   bigint,
  appeal_until  bigint,
  acts          jsonb not null default '[]',
  "between"     jsonb not null default '[]',
  assignee      text collate "C",             -- the member whose it is
  due_at        bigint,                       -- by when it is to be decided
  snoozed_until bigint,                       -- put aside until then
  comments      jsonb not null default '[]',  -- who typed what when, by the digest of its note
  worth         text collate "C",             -- whether its flags were worth a look: confirmed, useful or false_alarm
  person        text collate "C",             -- who disputes by it what was decided; null: no person did
  reason        text collate "C",             -- why they do
  messages      jsonb not null default '[]',  -- what they and the team wrote: side, by whom, when, and the digest of the text
  primary key (workspace_id, id)
);
create index case_status on "case" (workspace_id, status, id);
create index case_program on "case" (workspace_id, program, status, id);
create index case_subject on "case" (workspace_id, subject);
create index case_assignee on "case" (workspace_id, assignee, id) where ((assignee is not null) and (status in ('open', 'appealed')));
create index case_aside on "case" (workspace_id, id) where ((snoozed_until is not null) and (status in ('open', 'appealed')));
create index case_person on "case" (workspace_id, person, id) where (person is not null);
create index case_of_persons on "case" (workspace_id, id) where ((person is not null) and (status in ('open', 'appealed')));
create index case_shown on "case" (workspace_id, id) where ((kind = 'story') and (outcome = 'shown'));
create unique index case_one_dispute on "case" (workspace_id, subject, kind) where ((person is not null) and (status in ('open', 'appealed')));

create table claim (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C" not null,
  friend       text collate "C" not null,
  shares       jsonb not null,
  kind         text collate "C" not null,
  status       text collate "C" not null,
  lead_at      bigint not null,
  opened_at    bigint not null,
  conversion   text collate "C",
  entered_by   text collate "C",
  decided_by   text collate "C",
  evt          text collate "C" not null,
  decided_evt  text collate "C",
  evidence     jsonb not null default '[]',
  stops_at     bigint,
  cases        jsonb not null default '[]',
  appealed_at  bigint,
  appeal_until bigint,
  acts         jsonb not null default '[]',
  "between"    jsonb not null default '[]',
  referral     text collate "C",
  ended        jsonb not null default '[]',
  place        jsonb,
  comments     jsonb not null default '[]',  -- what members said about it: by whom, when, and the digest of the text
  messages     jsonb not null default '[]',  -- what the person who entered it and the team wrote likewise
  primary key (workspace_id, id)
);
create index claim_program on claim (workspace_id, program, status, id);
create index claim_friend on claim (workspace_id, friend, id);
create index claim_open_of on claim (workspace_id, friend) where (status in ('open', 'appealed'));
create index claim_of_person on claim (workspace_id, entered_by, id) where (entered_by ~~ 'per\_%');
create index claim_of_persons on claim (workspace_id, id) where ((entered_by ~~ 'per\_%') and (status in ('open', 'appealed')));

create table payee (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  rail         text collate "C" not null,
  destination  text collate "C" not null,
  acts         jsonb not null default '[]',
  changed_at   bigint,
  replaced     text collate "C",             -- the digest of the details that these took the place of
  checked      jsonb,                        -- what was answered last about these very details: answer, who said it, when
  asked        jsonb not null default '[]',  -- open cases about answers: until they are closed nothing goes to this payee
  refused      jsonb not null default '[]',  -- digests of details that a person found to be another's, and of the accounts in them
  account      text collate "C",             -- the digest of the account alone; null: it has no IBAN, or was not remembered
  entering     jsonb,                        -- other details that the person entered and that do not hold yet: rail, digests, when, and from when they hold
  primary key (workspace_id, person)
);

create table payout (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  beneficiary   text collate "C" not null,
  rail          text collate "C" not null,
  unit          text collate "C" not null,
  amount        bigint not null,
  status        text collate "C" not null,
  parts         jsonb not null,
  destination   text collate "C" not null,
  drafted_by    text collate "C" not null,
  drafted_at    bigint not null,
  releases      jsonb not null default '[]',
  release_list  text collate "C",
  reference     text,
  reason        text,
  manual        boolean not null default true,
  programs      jsonb not null default '[]',  -- whose rewards it sends or nets, in order
  arriving      jsonb not null default '[]',  -- who says that it arrived after all, while a second is awaited
  arriving_list text collate "C",
  paid_on       text collate "C",             -- the day on which it counts as paid: of its release, and then of its completion
  schedule      text collate "C",             -- by which it was drafted; who set that counts as who drafted it
  primary key (workspace_id, id),
  check (amount >= 0)
);
create index payout_status on payout (workspace_id, status, id);
create index payout_beneficiary on payout (workspace_id, beneficiary, id);
create index payout_program on payout (workspace_id, ((programs ->> 0)), status, id);
create index payout_awaits on payout (workspace_id, unit) where ((status = 'released') and (reason = 'codes_awaited'));
create index payout_own_system on payout (workspace_id, status) where ((rail = 'own_system') and (status in ('released', 'processing', 'unknown')));

create table timer (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  due_at       bigint not null,
  kind         text collate "C" not null,
  subject      text collate "C" not null,
  primary key (workspace_id, id)
);
create index timer_due on timer (workspace_id, due_at, id);

create table member (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  roles        jsonb not null,
  limits       jsonb,
  programs     jsonb not null default '[]',    -- the programs that they are limited to; none: all
  made_by      text collate "C",               -- who set them up first
  confirmed    boolean not null default true,  -- somebody else than made_by said that they are another person
  became       text collate "C",               -- the id under which they go on since they proved to be another person than made_by
  was          text collate "C",               -- the id under which they were before
  primary key (workspace_id, id)
);

-- As with counter, room for the changes of every batch.
create table balance (
  workspace_id text collate "C" not null,
  program      text collate "C" not null,
  account      text collate "C" not null,
  owner        text collate "C" not null,
  unit         text collate "C" not null,
  amount       numeric not null,
  primary key (workspace_id, program, account, owner, unit)
) with (fillfactor=70);
create index balance_owner on balance (workspace_id, owner);

-- Which migrations this database has seen.
create table migration (
  name       text not null,
  content    text,  -- SHA-256 of its file
  applied_at timestamp with time zone not null default now(),
  primary key (name)
);

-- How far each follower (app/follow) has read a workspace's log: moved in the transaction that writes what it made of the
-- entries. Without a row it has read nothing.
create table follower (
  workspace_id text collate "C" not null,
  follower     text collate "C" not null,
  "position"   bigint not null,  -- all entries up to this one are taken
  primary key (workspace_id, follower)
) with (fillfactor=70);

-- Processes that decide and do jobs. Each writes a row again every few seconds and takes it back when it ends in order.
create table worker (
  id      text collate "C" not null,
  seen_at timestamp with time zone not null,  -- by the clock of the database, so that clocks of machines need not agree
  primary key (id)
);

-- Since when a worker has had which master key, by the id that names it. Tells nothing of the key.
create table master_key (
  id    text collate "C" not null,
  since timestamp with time zone not null,
  primary key (id)
);

create table change (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  kind         text collate "C" not null,
  subject      text collate "C" not null,
  "to"         jsonb not null,
  status       text collate "C" not null,
  asked_by     text collate "C" not null,
  asked_at     bigint not null,
  evt          text collate "C" not null,
  decided_by   text collate "C",
  decided_at   bigint,
  decided_evt  text collate "C",
  primary key (workspace_id, id)
);
create index change_subject on change (workspace_id, subject, id);

create table refund (
  workspace_id text collate "C" not null,
  conversion   text collate "C" not null,
  id           text collate "C" not null,
  amount       bigint not null,
  goods        bigint not null default 0,
  tax          bigint not null default 0,
  shipping     bigint not null default 0,
  lines        jsonb not null default '[]',
  status       text collate "C" not null,
  n            integer not null default 0,
  at           bigint not null,
  evt          text collate "C" not null,
  said         jsonb not null default '[]',
  currency     text collate "C",
  first_said   jsonb not null default '[]',  -- amount, tax and shipping as it was told, where a part of it came back since
  primary key (workspace_id, conversion, id)
);

create table chargeback (
  workspace_id text collate "C" not null,
  conversion   text collate "C" not null,
  id           text collate "C" not null,
  status       text collate "C" not null,
  amount       bigint,
  refund       text collate "C",
  "case"       text collate "C",
  at           bigint not null,
  evt          text collate "C" not null,
  opened       boolean not null default true,
  currency     text collate "C",  -- in which its amount was said
  primary key (workspace_id, conversion, id)
);

create table kin (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  root         text collate "C" not null,
  members      jsonb not null default '[]',
  evt          text collate "C" not null,
  primary key (workspace_id, person)
);

-- The log summed by quarters of an hour and by days of UTC (core/rollup.py names the metrics), so that no page sums the
-- history: true up to the position of the follower 'figures'. amount is numeric: it sums up everything.
create table figure (
  workspace_id text collate "C" not null,
  slot         text collate "C" not null,  -- the quarter of an hour in UTC, such as 2011-03-27T00:15, the day, such as day:2011-03-27, or 'ever': what an account holds now; behind 'measure:' likewise, where metric is a measurement event and its version
  program      text collate "C" not null,  -- empty: the event names none
  metric       text collate "C" not null,
  unit         text collate "C" not null,  -- empty: only counted
  basis        text collate "C" not null,  -- whether it was decided then, occurred then, or both
  count        bigint not null,
  amount       numeric not null,
  primary key (workspace_id, slot, program, metric, unit, basis)
);

-- Links that sign a member in once, by the SHA-256 of what stands in them: gone when they were used. Looked up before the
-- workspace is known.
create table login (
  hash         bytea not null,
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  expires_at   bigint not null,
  kind         text not null default 'link',    -- link: printed or sent by mail; invite: likewise, for a new member; half: a password was right, and the second factor is asked for
  own          boolean not null default false,  -- it was sent to the member's mailbox and shown nowhere else, or goes back to such a link
  primary key (hash)
);

-- Who is signed in at the console, by the SHA-256 of what their browser sends. Looked up before the workspace is known.
create table session (
  hash         bytea not null,
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  opened_at    bigint not null,
  seen_at      bigint not null,                 -- real time: when it was last used, to the minute
  expires_at   bigint not null,                 -- real time: when it ends, however much it is used
  agent        text not null default '',        -- what the browser called itself
  id           text collate "C" not null,       -- what it is called in lists and in the log: a digest of what it was opened with
  address      text not null default '',        -- where the browser was when it was opened
  way          text not null default 'link',    -- by what it was opened: link, password
  sure_at      bigint not null default 0,       -- real time: when its member last proved who they are; 0 is not since the session was opened
  own          boolean not null default false,  -- it goes back to a link that was sent to the member's mailbox and shown nowhere else
  primary key (hash)
);
create index session_member on session (workspace_id, member);

-- By what a member signs in besides links.
create table credential (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  password     bytea,                           -- Argon2id of the password, under a keyed digest of the workspace; null: none
  password_at  bigint not null default 0,       -- real time: when it was set
  secret       bytea,                           -- the sealed secret of the second factor (TOTP); null: none
  secret_on    boolean not null default false,  -- whether a code of it was right once, so that it is asked for
  step         bigint not null default 0,       -- the last half minute whose code was used; no earlier one is taken
  codes        bytea[],                         -- SHA-256 of the recovery codes that were not used
  own          boolean not null default false,  -- the password was set in a session that goes back to such a link
  primary key (workspace_id, member)
);

-- Wrong tries to sign in, by the SHA-256 of an account, an address, or both. Looked up before the workspace is known.
create table attempt (
  key    bytea not null,
  failed integer not null,  -- how many in a row, the one that is being made included
  until  bigint not null,   -- real time: when the next one is looked at
  at     bigint not null,   -- real time: when the last one was
  primary key (key)
);

-- What was sent with a key and refused, of late: nothing of what it held. The newest some thousands of a workspace, for two
-- weeks.
create table rejection (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  at           bigint not null,                       -- real time: when it was refused last
  source       text collate "C" not null,
  key          text collate "C" not null,             -- the id of the key that sent it
  code         text collate "C" not null,
  field        text collate "C" not null default '',  -- what was wrong; empty: the whole of it
  sent_as      text collate "C" not null default '',  -- the id that its sender gave it, if that is a token
  count        bigint not null,                       -- how often within a second; code dropped: so many more, of which no more is known
  primary key (workspace_id, id)
);

-- By which words advocates, friends and beneficiaries are found: HMACs, under the workspace's index key, of the words of their
-- names and of the local part of their mails, and of the first 3 to 10 letters of each. Written behind the log by the follower
-- 'search', gone with the person.
create table search_word (
  workspace_id text collate "C" not null,
  blind        bytea not null,
  person       text collate "C" not null,
  primary key (workspace_id, blind, person)
);
create index search_word_person on search_word (workspace_id, person, blind);

-- Who looked at what, or took it with them, and when: one row each, never changed. In order of time by id.
create table look (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  subject      text collate "C" not null,    -- the id of what was looked at, or the digest of the list or file
  what         text collate "C" not null,    -- unmasked, opened, exported or downloaded
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  fields       jsonb not null default '[]',  -- names of the personal fields that were shown
  seconds      bigint,                       -- how long evidence was open
  note         text collate "C",
  primary key (workspace_id, id)
);
create index look_subject on look (workspace_id, subject, id);

-- By which payments invoices were paid, where a source says so by itself. What names an invoice by its payment alone is
-- resolved by it.
create table payment (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,
  invoice      text collate "C",  -- null: something was said of the payment, and not yet of which invoice it is
  primary key (workspace_id, source, id)
);

-- What came and names a payment whose invoice is not known: it is accepted when that is said. Amounts and outside ids, nothing
-- of persons.
create table held (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  payment      text collate "C" not null,
  id           text collate "C" not null,
  at           bigint not null,  -- real time: when it came
  body         bytea not null,   -- the native event, without its invoice
  primary key (workspace_id, source, payment, id)
);

-- Addresses that are told what is decided, and how far each was told the log.
create table webhook (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  url          text not null,
  description  text not null default '',
  types        jsonb not null,                        -- the types of notices that it gets
  programs     jsonb not null,                        -- ids of programs that it is limited to; none: all
  status       text collate "C" not null,             -- active, paused
  reason       text collate "C" not null default '',  -- why it is paused: asked, gone (it answered 410), too_many (deliveries that were given up)
  secrets      bytea not null,                        -- sealed under the key of texts for staff: what deliveries are signed with, the newest first
  made_by      text collate "C" not null,
  made_at      bigint not null,
  "position"   bigint not null,                       -- the last entry of the log of which it was told, or of which deliveries are kept
  replay_after bigint,                                -- what it is told once more: the entries behind this one, up to replay_to; null: nothing
  replay_to    bigint,
  failures     integer not null default 0,            -- rounds of deliveries in a row of which none arrived
  rests_until  bigint not null default 0,             -- real time before which nothing is tried, because none of the last round arrived
  leased_until bigint not null default 0,             -- until when a worker has it in hand
  primary key (workspace_id, id)
) with (fillfactor=50);

-- Deliveries that are tried again (waiting) or were given up (dead), and the last of an endpoint that arrived (delivered).
create table webhook_delivery (
  workspace_id text collate "C" not null,
  webhook      text collate "C" not null,
  id           text collate "C" not null,   -- the id of the message, the same for ever
  state        text collate "C" not null,
  type         text collate "C" not null,
  "position"   bigint not null,             -- the entry of the log that it is made of; 0: a test
  attempts     integer not null,
  first_at     bigint not null,             -- real time of the first try: three days later it is given up
  last_at      bigint not null,
  due_at       bigint not null,             -- real time of the next try; of what arrived or was given up: of the last one
  answered     integer,                     -- what the receiver answered last; null: nothing
  took         integer not null default 0,  -- milliseconds of the last try
  answer       text not null default '',    -- the beginning of what the receiver answered, or why there was no answer
  primary key (workspace_id, webhook, id)
) with (fillfactor=70);
create index webhook_delivery_state on webhook_delivery (workspace_id, webhook, state, due_at);

-- Which sources have ever delivered, and when last: a figure, written after what came was stored; it decides nothing.
create table source (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  last_at      bigint not null,  -- real time: when it delivered last
  primary key (workspace_id, source)
) with (fillfactor=50);

-- What a source delivered on a day, for 90 days: figures, and no second truth. A process that is killed loses those of its last
-- second.
create table source_count (
  workspace_id text collate "C" not null,
  day          integer not null,           -- days since 1970-01-01 in UTC, of real time
  source       text collate "C" not null,
  kind         text collate "C" not null,  -- accepted, repeat, conflict, refused, ignored: items; unknown: fields; gap: pauses before a delivery
  name         text collate "C" not null,  -- which: of refused the code and the field, of ignored what it calls itself, of unknown the path, of gap the bucket of its minutes; empty: any other
  count        bigint not null,
  primary key (workspace_id, day, source, kind, name)
) with (fillfactor=70);

-- A firm of customers, by a domain or by what its sender calls it.
create table company (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  since        bigint,                       -- when somebody there was a customer first, also by the domain of their mail or a mere name
  sure_since   bigint,                       -- when somebody there paid first, of people whose sender names this firm
  friends      jsonb not null default '[]',  -- the newest few who were brought from there
  primary key (workspace_id, id)
) with (fillfactor=70);

-- What a workspace said that items of a source mean, every version; the highest counts.
create table source_mapping (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  version      integer not null,
  hash         text collate "C" not null,  -- SHA-256 of its document: events that were read by it name it
  document     text not null,              -- what it says, canonical; empty: from here on there is none
  text         text not null,              -- the file as it was published
  said_by      text collate "C" not null,
  said_at      bigint not null,            -- real time
  primary key (workspace_id, source, version)
);

-- For how many days what a source delivers is kept, and how far it was sent again.
create table source_keeping (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  days         integer not null,           -- 0 to 14; 0: nothing is kept
  bytes        bigint not null default 0,  -- of all that is kept; beyond the bound the oldest is let go
  dropped      bigint not null default 0,  -- deliveries that were let go before their days were over, because there were too many
  resend       jsonb,                      -- the last time that what is kept was sent again: since when, up to which, how far, what came of it
  primary key (workspace_id, source)
) with (fillfactor=50);

-- The key of a day, under which what came on it is sealed: thrown away with it. In no backup.
create table kept_key (
  workspace_id text collate "C" not null,
  day          integer not null,  -- days since 1970-01-01 in UTC, of real time
  sealed       bytea not null,    -- sealed under the key of texts for staff
  primary key (workspace_id, day)
);

-- What came from a source, for the days that the workspace chose: path and body, sealed; no header. In no backup.
create table kept_delivery (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,  -- in order of arrival
  at           bigint not null,            -- real time: when it came
  sender       text collate "C" not null,  -- under which name its events stand, by the key that came with it
  bytes        integer not null,           -- of the row on disk, about
  sealed       bytea not null,             -- method, path and body, packed, under the key of its day
  primary key (workspace_id, source, id)
);

-- Sales as a CRM said of them last; without a registration they are our own.
create table deal (
  workspace_id   text collate "C" not null,
  id             text collate "C" not null,
  status         text collate "C" not null,
  at             bigint not null,
  evt            text collate "C" not null,
  opened_at      bigint not null,
  since          jsonb not null,               -- status -> when it was first said to be so
  company        text collate "C",
  company_domain text collate "C",
  company_ref    text collate "C",
  person         text collate "C",
  stage          text collate "C",
  amount         bigint,
  currency       text collate "C",
  code           text collate "C",
  registration   text collate "C",
  linked_at      bigint not null default 0,
  led_by         text collate "C",
  contacts       jsonb not null default '[]',  -- who else stands beside it in the pipeline
  lost_at        bigint,                       -- when it was last said to be lost
  primary key (workspace_id, id)
) with (fillfactor=70);
create index deal_newest on deal (workspace_id, evt);

-- Sales that partners say to bring; from its acceptance until protected_until the company is the partner's.
create table registration (
  workspace_id    text collate "C" not null,
  id              text collate "C" not null,
  program         text collate "C" not null,
  advocate        text collate "C" not null,
  person          text collate "C" not null,    -- whom the partner speaks with
  code            text collate "C" not null,
  status          text collate "C" not null,
  at              bigint not null,
  evt             text collate "C" not null,
  company         text collate "C" not null,
  company_domain  text collate "C",
  company_ref     text collate "C",
  amount          bigint,
  currency        text collate "C",
  conflicts       jsonb not null default '[]',
  accepted_at     bigint,
  protected_until bigint,
  reason          text collate "C",
  decided_by      text collate "C",
  decided_evt     text collate "C",
  deals           jsonb not null default '[]',
  acts            jsonb not null default '[]',
  messages        jsonb not null default '[]',  -- what partner and sales wrote: side, by whom, when, and the digest of the text
  percent         text collate "C",             -- the rate that the partner asked for
  primary key (workspace_id, id)
) with (fillfactor=70);
create index registration_status on registration (workspace_id, status, id);
create index registration_advocate on registration (workspace_id, advocate, id);

-- Companies seen from the side of selling: deals of our own with them, and what partners registered.
create table prospect (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  open          jsonb not null default '{}',  -- deals of our own that are open, and when each was opened
  won           jsonb not null default '{}',
  registrations jsonb not null default '[]',
  ours          jsonb not null default '{}',  -- deals of our own that are open or won and that nobody else brought, and when each was opened
  primary key (workspace_id, id)
) with (fillfactor=70);

-- CRMs whose records are written to: who recommended somebody, and what became of that.
create table crm (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,             -- the source that tells of the same records, by whose key they are written
  site         text collate "C" not null default '',  -- the host of the company's own, where the CRM has one for each
  referrer     text collate "C" not null,             -- what is said of who recommended: name, code or none
  fields       jsonb not null,                        -- what the CRM calls the fields that are written, by what they are called here
  made_by      text collate "C" not null,
  made_at      bigint not null,
  rests_until  bigint not null default 0,             -- real time before which nothing is written, as the CRM asked
  leased_until bigint not null default 0,             -- real time until which a worker writes: two would write what was before over what is
  primary key (workspace_id, source)
) with (fillfactor=50);

-- What a CRM answered to what was written last to each of its records.
create table crm_record (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  record       bytea not null,             -- which record, blinded: what a CRM calls somebody names them
  noun         text collate "C" not null,
  subject      text collate "C" not null,  -- the person, or the deal, that it is a record of
  state        text collate "C" not null,  -- written; waiting: is tried again; refused: the CRM takes it only after somebody changed something there
  match        text collate "C" not null,  -- by what the record is the subject: external_id, mail, association, domain
  confidence   text collate "C" not null,
  digest       bytea,                      -- of what was written last
  answered     integer,                    -- the status that the CRM answered; null: nothing
  answer       text not null default '',   -- codes and names of fields that it gave, nothing that it repeats of what was written
  at           bigint not null,            -- real time of the last try
  primary key (workspace_id, source, record)
) with (fillfactor=70);
create index crm_record_subject on crm_record (workspace_id, subject);
create index crm_record_refused on crm_record (workspace_id, source, at) where (state = 'refused');

-- What the company agreed on with a partner, in one program or in all (program is null), with all versions.
create table agreement (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C",
  versions     jsonb not null default '[]',  -- the oldest first; none ever changes, and one whose until is its since ended the agreement
  primary key (workspace_id, id)
) with (fillfactor=70);
create index agreement_person on agreement (workspace_id, person, id);

-- Links by which partners register deals of their own. Instants are of the real clock.
create table deal_form (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  digest       bytea not null,             -- of the link, under the key of blind indexes: who has the database alone opens nothing by it
  person       text collate "C" not null,  -- whose form it is: gone with them when they are erased
  program      text collate "C" not null,
  made_by      text collate "C" not null,  -- the member or key that made it: who held the link accepts nothing that came by it
  made_at      bigint not null,
  expires_at   bigint not null,
  ended_at     bigint,                     -- when somebody ended it before its time
  primary key (workspace_id, id)
);
create unique index deal_form_digest on deal_form (workspace_id, digest);
create index deal_form_person on deal_form (workspace_id, person, id);

-- Who decides which reward, and by when: the tables of the workspace, in one row.
create table routing (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  versions     jsonb not null default '[]',  -- the oldest first; none ever changes, and the last one holds
  primary key (workspace_id, id)
) with (fillfactor=70);

-- Credit or points that one payout brought for one reward. What is neither there nor expired nor taken back was redeemed.
create table lot (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C" not null,
  unit         text collate "C" not null,
  reward       text collate "C" not null,
  payout       text collate "C" not null,
  "on"         text collate "C" not null,
  amount       bigint not null,
  rest         bigint not null,                                   -- what can be redeemed
  expired      bigint not null default 0,
  taken        bigint not null default 0,                         -- what was taken back, since the reward fell after it was paid
  at           bigint not null,
  earned_at    bigint not null,
  expires_at   bigint,
  evt          text collate "C" not null,
  rail         text collate "C" not null default 'store_credit',  -- over which it came: as store credit it is in its person's purse, by a discount code behind that alone
  primary key (workspace_id, id),
  check (rest >= 0 and expired >= 0 and taken >= 0)
) with (fillfactor=70);
create index lot_person on lot (workspace_id, person, id);
create index lot_held on lot (workspace_id, person) where (rest > 0);
create index lot_reward on lot (workspace_id, reward);

-- Credit that was used, once an id.
create table redemption (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  unit         text collate "C" not null,
  amount       bigint not null,
  drawn        jsonb not null,               -- what it took of which lot, and how much of that was given back
  program      text collate "C",
  "order"      text collate "C",
  reversals    jsonb not null default '{}',  -- what was given back of it, by the id of each
  at           bigint not null,
  evt          text collate "C" not null,
  payout       text collate "C",             -- by the code that this payout had brought; null: out of the purse
  primary key (workspace_id, id),
  check (amount >= 0)
) with (fillfactor=70);
create index redemption_person on redemption (workspace_id, person, evt);

-- What two members approved beforehand: for which rewards, over which rail, how much, and until when.
create table standing (
  workspace_id    text collate "C" not null,
  id              text collate "C" not null,
  status          text collate "C" not null,
  program         text collate "C" not null,
  kind            text collate "C" not null,
  unit            text collate "C" not null,
  rail            text collate "C" not null,
  side            text collate "C",
  per_reward      bigint not null,
  per_beneficiary bigint not null,
  in_all          bigint not null,
  since           bigint not null,
  until           bigint not null,
  hash            text collate "C" not null,
  granted_by      jsonb not null,    -- who asked for it, and who confirmed it
  evt             text collate "C" not null,
  stopped_by      text collate "C",
  stopped_at      bigint,
  stopped_evt     text collate "C",
  reason          text collate "C",  -- why it was stopped: said by a member, or a code
  primary key (workspace_id, id),
  check (per_reward <= per_beneficiary and per_beneficiary <= in_all)
) with (fillfactor=70);

-- Codes that the company uploaded at once, numbered from 1, each worth an amount of a unit.
create table stock (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  name         text collate "C" not null,
  program      text collate "C",
  unit         text collate "C" not null,
  amount       bigint not null,
  size         bigint not null,
  given        bigint not null default 0,  -- the codes up to this number were given out
  low          bigint not null default 0,  -- so many left are too few
  ends_at      bigint,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  check (amount > 0 and given >= 0 and given <= size)
) with (fillfactor=70);
create index stock_unit on stock (workspace_id, unit, id);

-- One code of a stock that a payout got: no other ever does. Rows are only added.
create table handout (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  stock        text collate "C" not null,
  number       bigint not null,
  payout       text collate "C" not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
);
create unique index handout_code on handout (workspace_id, stock, number);
create index handout_payout on handout (workspace_id, payout);

-- What codes read: a secret, which no log has.
create table code_text (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,  -- the stock and the number of a code, or the payout that brought one of our own
  blind        bytea not null,             -- keyed digest of the text, by which a repeat is refused
  sealed       bytea not null,
  primary key (workspace_id, id)
);
create unique index code_text_blind on code_text (workspace_id, blind);

-- What a friend is offered off one order: open, bound to an order that is not paid yet, redeemed by one, or ended.
create table offer (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C" not null,
  person       text collate "C" not null,
  referral     text collate "C" not null,
  rules        text collate "C" not null,
  amounts      jsonb not null,  -- by currency, in minor units; while it is open or bound they count toward the budget of the program
  status       text collate "C" not null,
  at           bigint not null,
  until        bigint not null,
  conversion   text collate "C",
  reason       text collate "C",
  held_until   bigint,          -- until when the order that binds it holds it, if nobody pays or cancels that
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  unique (workspace_id, conversion) deferrable initially deferred,
  check (
case status
    when 'redeemed' then conversion is not null
    when 'open' then conversion is null
    else true
end)
) with (fillfactor=70);

-- What a bank's file said at once, as far as it was taken.
create table statement (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  file         text collate "C" not null,  -- SHA-256 of the file from which it was taken first
  form         text collate "C" not null,
  number       text collate "C",
  account      text collate "C",           -- the last characters of the company's account
  unit         text collate "C",
  opening      bigint,
  closing      bigint,
  first        text collate "C",
  last         text collate "C",
  size         bigint not null,
  others       bigint not null default 0,  -- lines that concern no payout: nothing else of them is kept
  matched      bigint not null default 0,
  repeated     bigint not null default 0,
  waiting      bigint not null default 0,
  differing    bigint not null default 0,
  unknown      bigint not null default 0,
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor=70);

-- What a bank said of a payout, once, in whichever files it says so. Rows are only added.
create table booking (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  statement    text collate "C" not null,
  payout       text collate "C",  -- what the line names, whether there is such a payout or not
  said         text collate "C" not null,
  amount       bigint,
  unit         text collate "C",
  day          text collate "C",
  reference    text collate "C",
  reason       text collate "C",
  differs      text collate "C",  -- how it is not as we know it; then there is a case
  "case"       text collate "C",
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
);
create index booking_payout on booking (workspace_id, payout);

-- The company's own system that books rewards, for each workspace that named one.
create table own_system (
  workspace_id text collate "C" not null,
  kind         text collate "C" not null,             -- how it is called: by signed requests, or as the API that it is has it
  address      text collate "C" not null default '',  -- where it is: an address that somebody named, a host, or nothing where all of the kind are at one
  secrets      bytea not null,                        -- sealed: what signs requests, the newest first, or the key by which it is asked
  made_by      text collate "C" not null,
  made_at      bigint not null,
  primary key (workspace_id)
) with (fillfactor=70);

-- Mails to members: the digest of a day, also of one on which nothing waited, and urgent ones, numbered. Kept for 30 days.
create table staff_mail (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  kind         text collate "C" not null,
  day          text collate "C" not null,
  number       integer not null,
  written_at   bigint not null,
  begun_at     bigint,  -- when its text was begun to be given to the mail server: from then on it may have arrived, and is not sent again
  primary key (workspace_id, member, kind, day, number),
  check (kind in ('digest', 'urgent')),
  check (number >= 1)
) with (fillfactor=70);

-- Why a member was mailed at once, as long as it lasts.
create table told_cause (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  cause        text collate "C" not null,
  told_at      bigint not null,
  primary key (workspace_id, member, cause)
) with (fillfactor=70);

-- What mail a member wants, for who has said so: none, the digest, or the digest and urgent ones.
create table mail_wish (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  wants        text collate "C" not null,
  said_at      bigint not null,
  primary key (workspace_id, member),
  check (wants in ('off', 'digest', 'urgent'))
) with (fillfactor=70);

-- Where the workspace reports what it pays, in one row.
create table reporting (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  jurisdictions jsonb not null default '[]',
  timezone      text collate "C" not null,
  since         bigint not null,  -- from when on what is paid was counted
  primary key (workspace_id, id)
) with (fillfactor=70);

-- The form of a payee for a jurisdiction: of which kind, and until when it holds. What it says is sealed elsewhere.
create table taxform (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  jurisdiction text collate "C" not null,
  form         text collate "C",  -- absent while one was only asked for
  digest       text collate "C",
  signed       text collate "C",
  until        text collate "C",
  by           text collate "C",
  at           bigint,
  asked_for    text collate "C",  -- the year for which a form is asked for, and not there yet
  asked_at     bigint,
  primary key (workspace_id, person, jurisdiction)
) with (fillfactor=70);
create index taxform_asked on taxform (workspace_id, asked_at) where (asked_for is not null);

-- What the form of a payee says, sealed.
create table tax_form_detail (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  jurisdiction text collate "C" not null,
  digest       text collate "C" not null,
  sealed       bytea not null,
  primary key (workspace_id, person, jurisdiction)
) with (fillfactor=70);

-- A file for the bank as it was handed out, known by what it pays and from where.
create table handover (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  form         text collate "C" not null,
  digest       text collate "C" not null,  -- SHA-256 of the bytes that left last
  count        bigint not null,
  sums         jsonb not null default '{}',
  payouts      jsonb not null default '[]',
  debtor       text collate "C",           -- the digest of the account that it pays from
  day          text collate "C",
  times        bigint not null,
  by           text collate "C" not null,
  at           bigint not null,
  last_by      text collate "C" not null,
  last_at      bigint not null,
  refused_at   bigint,                     -- when a bank's word was taken that it refused the file as a whole
  reason       text collate "C",
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor=70);
create index handover_last on handover (workspace_id, last_at);

-- That somebody looked at the payouts of a month and signed: the last time.
create table audit (
  workspace_id text collate "C" not null,
  month        text collate "C" not null,
  list_sha256  text collate "C" not null,    -- the digest of the outliers and the sample that were looked at
  size         bigint not null,
  head         bigint not null,              -- the size of the signed head that the sample was drawn by, and root its root
  root         text collate "C" not null,
  findings     jsonb not null default '[]',  -- the payouts of which something was found
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, month)
) with (fillfactor=70);

-- When drafts of payouts are made of what is due.
create table schedule (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C",  -- whose rewards alone are gathered; null: those of all
  plan         jsonb not null,    -- the rail, the unit, and the days and the hour in a zone
  next_at      bigint,            -- null: it is stopped
  ran_at       bigint,            -- the last instant of this plan whose drafts were ordered, and gathered how many payouts that made
  gathered     bigint,
  ran_evt      text collate "C",
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor=70);

-- Links that sign a person in at the portal once, by the SHA-256 of what stands in them. Instants are of the real clock.
create table portal_link (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  asked        text collate "C" not null,  -- the job that mails it: the row is written before the mail is handed over, so that it is mailed once
  persons      jsonb not null,             -- whose accounts the mail is; of several one is chosen. Gone with any of them that is erased
  expires_at   bigint not null,
  used_at      bigint,                     -- kept until it is over, so that no mail is sent again
  joining      bytea,                      -- what somebody who asks to join a program said, sealed: whoever presses the button of its page has the mailbox
  primary key (workspace_id, hash)
);
create unique index portal_link_asked on portal_link (workspace_id, asked);

-- Who is signed in at the portal, by the SHA-256 of what their browser sends. Instants are of the real clock.
create table portal_session (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  person       text collate "C" not null,
  way          text collate "C" not null,  -- by what they came: a mailed link, or a token of the company's own app
  opened_at    bigint not null,
  expires_at   bigint not null,
  primary key (workspace_id, hash),
  check (way in ('mail', 'app'))
);
create index portal_session_person on portal_session (workspace_id, person);

-- Tokens of a company's own app that were used, by the SHA-256 of their jti, until they are over: each opens once.
create table portal_token (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  expires_at   bigint not null,
  primary key (workspace_id, hash)
);

-- How often the page that friends see was opened, by code and day. Figures for people; no decision looks at them.
create table page_view (
  workspace_id text collate "C" not null,
  code         text collate "C" not null,
  day          integer not null,  -- days since 1970-01-01 in UTC
  people       bigint not null,
  bots         bigint not null,   -- by programs, such as previews of links
  primary key (workspace_id, code, day)
) with (fillfactor=70);

-- Messages to advocates: of what, and what became of each. What one says, and to which address, stands not here.
create table letter (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C" not null,
  topic        text collate "C" not null,
  trigger      text collate "C" not null,  -- the id of what it is about: a person gets one of a topic for it
  status       text collate "C" not null,
  reason       text collate "C",           -- why it is withheld, or what the mail server answered
  due_at       bigint,                     -- until when it is put off
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor=70);
create unique index letter_once on letter (workspace_id, person, topic, trigger);
create index letter_open on letter (workspace_id, status, at) where (status in ('ordered', 'unknown', 'refused'));
create index letter_gift on letter (workspace_id, at) where ((topic = 'gift') and (status = 'withheld') and (reason <> 'left_by_member'));

-- What persons and channels said of messages: topics that are unwanted, why nothing is sent to somebody at all, how satisfied
-- they are.
create table recipient (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  off          jsonb not null default '[]',
  stopped      text collate "C",
  soft         bigint not null default 0,  -- how often one came back for now, in a row
  score        bigint,
  primary key (workspace_id, person)
) with (fillfactor=70);

-- Messages as they were handed to the mail server: written before that, so that each is once. Instants are of the real clock.
create table letter_text (
  workspace_id text collate "C" not null,
  message      text collate "C" not null,
  person       text collate "C" not null,
  mail         bytea not null,    -- the keyed digest of the address
  stop         bytea not null,    -- the SHA-256 of what stands in its address for unsubscribing
  sealed       bytea not null,    -- what it says, sealed under the key of the person; gone with it
  begun_at     bigint not null,
  answer       text collate "C",  -- what the mail server answered, until the log says it; null: nobody knows
  reason       text collate "C",
  primary key (workspace_id, message)
) with (fillfactor=70);
create unique index letter_text_stop on letter_text (workspace_id, stop);
create index letter_text_person on letter_text (workspace_id, person);

-- Addresses to which nothing is sent, by their keyed digest: it outlasts the person, and does not tell the address.
create table suppression (
  workspace_id text collate "C" not null,
  mail         bytea not null,
  reason       text collate "C" not null,
  message      text collate "C" not null,
  since        bigint not null,
  primary key (workspace_id, mail)
);

-- The texts that a workspace wrote itself, of messages and of pages of help, every version; the highest counts.
create table message_text (
  workspace_id text collate "C" not null,
  topic        text collate "C" not null,  -- what a message is about, or help. and the name of a page
  language     text collate "C" not null,
  version      integer not null,
  hash         text collate "C" not null,  -- SHA-256 of the text, by which the log names it; empty where the version ends the workspace's own
  text         text not null,              -- of a message a template in Liquid, of a page Markdown; empty: from here on there is none of the workspace's own
  said_by      text collate "C" not null,
  said_at      bigint not null,            -- real time
  primary key (workspace_id, topic, language, version),
  check (hash =
case text
    when '' then ''
    else encode(sha256(convert_to(text, 'UTF8'::name)), 'hex')
end)
);

-- Who asks that another account go on as theirs, or to be erased, until the mailbox confirms it, they take it back, or it is
-- over. Instants are of the real clock.
create table portal_merge (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,  -- who asks, and whose account goes on; they ask for one at a time
  asked        text collate "C" not null,  -- the job that mails the link
  hash         bytea,                      -- the SHA-256 of what stands in the link; null: it was not mailed yet
  persons      jsonb,                      -- whose accounts the mail is; of several one is chosen. Gone with any of them that is erased
  gone         text collate "C",           -- the account that was confirmed: the merge is being recorded, and nobody takes it back any more
  expires_at   bigint not null,
  money        text collate "C",           -- who asks to be erased: whether they are paid first (pay) or give up what is open (give_up); null: they ask for another account
  mailbox      bytea,                      -- to which mail the link went, by its blind index: whose that is no more is confirmed by nobody who reads it
  primary key (workspace_id, person),
  check ((hash is null) = (persons is null) and (gone is null or hash is not null))
);
create unique index portal_merge_asked on portal_merge (workspace_id, asked);
create unique index portal_merge_hash on portal_merge (workspace_id, hash);
