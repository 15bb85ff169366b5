-- Why: lists of one person's payouts, balances and enrolments read the whole workspace; and what tables and columns mean is said in
-- the database itself, from which docs/schema.sql is made.

create index payout_beneficiary on payout (workspace_id, beneficiary, id);
create index balance_owner on balance (workspace_id, owner);
create index advocate_person on advocate (workspace_id, person, id);
-- In the order of the list too, so that no plan goes by another index for its sake.
drop index referral_friend;
create index referral_friend on referral (workspace_id, friend, id);

comment on table workspace is
  'One company''s environment. clock: real, manual (a sandbox''s, moved by events) or events (accepted_at is occurred_at).';

comment on table stream is
  'The lock, the clock and the head of a workspace''s log. Every batch locks this row first and writes it last.';
comment on column stream.position is 'entries in the log; positions are 1 .. position, without gaps';
comment on column stream.as_of is 'never falls';
comment on column stream.manual_now is 'what a manual clock shows';
comment on column stream.frontier is 'merkle.Frontier, encoded';
comment on column stream.next_due is 'the earliest timer, null: none; a hint for workers';

comment on table workspace_secret is
  'Keys of a workspace, wrapped by the master key. purpose: index, content, payee, note, signing';
comment on column workspace_secret.public is 'of a signing key: what a verifier needs';

comment on table event is
  'The inbox: the id of everything from outside, and of every command that has one, recognised for ever. Never partitioned, '
  'only ever added to. content: keyed digest of what was sent. What was sent waits in undecided, and stands in the log from '
  'then on, under evt.';

comment on table undecided is
  'What of the inbox is not decided; a row goes when its entry comes, so that nothing long is written twice, and the long '
  'history holds nothing that waits. body: the event free of personal data (events.Event).';
comment on column undecided.waits_for is 'quarantine: the event that must be decided first (itself: set aside)';
comment on column undecided.trace is 'quarantine: what went wrong';

comment on table log is 'The log: what was decided, byte for byte as hashed. Only ever added to.';

comment on table log_tile is 'Full 256-leaf tiles of the tree (tile 0: positions 1 .. 256): the root and the 256 leaf hashes.';

comment on table log_head is 'Signed heads.';

comment on table posting is 'Double entry. Only ever added to. n: place among the postings of its position.';

comment on table approval is 'Who said yes to what: one row an item of a list. Only ever added to. kind: approve, release';
comment on column approval.subject is 'reward or payout';

comment on table touch is
  'Touches: clicks and code entries, observations. Those of the edge have a block, those of events their log position.';
comment on column touch.stored_at is 'the server''s real time';

comment on table touch_block is
  'What the edge stored in one flush: count and SHA-256 over the touches'' bytes in order of id. Its event, stored in the same '
  'commit, takes it into the log.';

comment on table alias is
  'What an outside name stands for. kind: person, visitor, click, device, payment, company, code, invoice … blind: HMAC of the '
  'canonical name under the workspace''s index key; sealed: the name itself, for people with the right.';

comment on table person is 'A person''s own key, wrapped by the master key; erasing a person deletes it.';

comment on table personal is
  'What an event said of a person, sealed under the person''s key: mail, phone, name, address, IP, user agent, free text, '
  'metadata.';

comment on table match_key is
  'By what persons are recognised. kind: mail, phone, payment, device. verified: asserted by a trusted source.';

comment on table payee_detail is 'Payment details, sealed under the payee''s key; the log has their digest only.';

comment on table note is 'Text typed by people, sealed under the workspace''s note key; the log has its salted digest.';
comment on column note.id is 'the digest';

comment on table api_key is
  'API keys and members'' keys: only the SHA-256 of a key is kept. kind: sk, wk, pk, mk. Looked up before the workspace is '
  'known.';

comment on table directory is 'Which workspace answers for a host name.';

comment on table job is 'Work to do after a commit. lease: a worker that does not come back loses it.';
comment on column job.due_at is 'real time';

comment on table rule_version is 'Published rules, immutable.';
comment on column reward.netted is 'more than sent, where a payout came back after its debt was netted';

comment on table counter is
  'Every batch changes rows of this table: a third of each page stays free, so that a change stays in its page and touches no '
  'index.';

comment on table balance is 'As with counter, room for the changes of every batch.';

comment on table rollup is
  'What is decided, summed by day as it is decided (core/rollup.py names the metrics), so that no page sums the history. day: '
  'the UTC day of the entries'' as_of, such as 2011-03-27, or ''ever'': what an account holds now. amount is numeric: it sums '
  'up everything.';
comment on column rollup.program is 'empty: the event names none';
comment on column rollup.unit is 'empty: only counted';

comment on table migration is 'Which migrations this database has seen.';
comment on column migration.content is 'SHA-256 of its file';
