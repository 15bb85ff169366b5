-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031);
-- what it needs of rows stands here.

-- Acts of members say which they were; of those of before it is known only that there were some. (Not null is said anew, because a
-- constraint is named after its column.)
alter table referral rename column touched_by to acts;
alter table reward rename column touched_by to acts;
alter table payee rename column entered_by to acts;
alter table referral alter column acts drop not null;
alter table reward alter column acts drop not null;
alter table payee alter column acts drop not null;
update referral
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update reward
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update payee
set acts = (select jsonb_agg(jsonb_build_array(who, 'payee.entered') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
alter table referral alter column acts set not null;
alter table reward alter column acts set not null;
alter table payee alter column acts set not null;

-- The rewards of a referral that are neither over nor paid: what stops or moves its money looks for them.
create index reward_open_in on reward (workspace_id, referral) where status in ('pending', 'in_review', 'approved', 'processing');

-- Four eyes: who made a member and whether somebody else confirmed them, what waits for another owner, who rejected first, and when
-- payment details became what they are. Members of before are people of their own, and of details of before the day is not known.
alter table member
  add column made_by text collate "C", alter column made_by set statistics 10,
  add column confirmed boolean not null default true, alter column confirmed set statistics 10;
comment on column member.made_by is 'who set them up first';
comment on column member.confirmed is 'somebody else than made_by said that they are another person';
alter table payee add column changed_at bigint, alter column changed_at set statistics 10;
alter table reward
  add column rejecting jsonb not null default '[]', alter column rejecting set statistics 10,
  add column reject_list text collate "C", alter column reject_list set statistics 10;
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
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table change alter column workspace_id set statistics 0, alter column id set statistics 10,
  alter column kind set statistics 10, alter column subject set statistics 10, alter column "to" set statistics 10,
  alter column status set statistics 10, alter column asked_by set statistics 10, alter column asked_at set statistics 10,
  alter column evt set statistics 10, alter column decided_by set statistics 10, alter column decided_at set statistics 10,
  alter column decided_evt set statistics 10;
create index change_subject on change (workspace_id, subject, id);
-- What another system settled takes its place and earns nothing.
alter table conversion add column settled boolean not null default false, alter column settled set statistics 10;
select 1;

-- Which event brought a name or a key by which persons are recognised, so that verification can hold them against its digest in the
-- log. Of what was there before it is not known.
alter table alias add column evt text collate "C", alter column evt set statistics 10;
alter table match_key
  add column evt text collate "C", alter column evt set statistics 10,
  add column raised text collate "C", alter column raised set statistics 10;
comment on column alias.evt is 'the event that brought it; null: none did, or it is of before digests of names stood in the log';
comment on column match_key.evt is 'the event that brought it; null: of before such digests stood in the log';
comment on column match_key.raised is 'the event of a trusted source that said it after one that was none; null: none';
-- Refunds and chargebacks are rows of their own, so that an order costs the same whatever was given back of it; the order keeps
-- what was given back in all. What an order kept of them says neither who said it nor which of those that came first it refused:
-- the log does.
create table refund (
  workspace_id text collate "C" not null,
  conversion   text collate "C" not null,
  id           text collate "C" not null,
  amount       bigint not null,
  goods        bigint not null,
  tax          bigint not null,
  shipping     bigint not null,
  lines        jsonb not null,
  status       text collate "C" not null,
  n            integer not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, conversion, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table refund alter column workspace_id set statistics 0, alter column conversion set statistics 10,
  alter column id set statistics 10, alter column amount set statistics 10, alter column goods set statistics 10,
  alter column tax set statistics 10, alter column shipping set statistics 10, alter column lines set statistics 10,
  alter column status set statistics 10, alter column n set statistics 10, alter column at set statistics 10,
  alter column evt set statistics 10;
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
  primary key (workspace_id, conversion, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table chargeback alter column workspace_id set statistics 0, alter column conversion set statistics 10,
  alter column id set statistics 10, alter column status set statistics 10, alter column amount set statistics 10,
  alter column refund set statistics 10, alter column "case" set statistics 10, alter column at set statistics 10,
  alter column evt set statistics 10;
create table said_back as
select workspace_id, log.position, entry -> 'event' ->> 'type' as type, 'inv:' || (entry -> 'event' ->> 'invoice') as conversion,
  coalesce(entry -> 'event' ->> 'refund', entry -> 'event' ->> 'chargeback') as id, (entry -> 'event' ->> 'amount')::bigint as amount,
  coalesce(entry -> 'event' -> 'lines', '[]') as lines, (entry -> 'event' ->> 'occurred_at')::bigint as at,
  entry -> 'event' ->> 'evt' as evt, entry -> 'verdicts' -> 0 ->> 'outcome' as outcome
from log cross join lateral (select convert_from(leaf, 'UTF8')::jsonb as entry) as read
where (position('"conversion.refunded"'::bytea in leaf) > 0 or position('"chargeback.'::bytea in leaf) > 0)
  and entry -> 'event' ->> 'type' in ('conversion.refunded', 'chargeback.opened', 'chargeback.closed')
  and entry -> 'verdicts' -> 0 ->> 'outcome' <> 'refused';
insert into refund
select distinct on (s.workspace_id, s.conversion, s.id) s.workspace_id, s.conversion, s.id, s.amount, s.amount, 0, 0, s.lines,
  case when c.status = 'waiting' then 'waiting' when c.refunds @> jsonb_build_array(jsonb_build_object('id', s.id)) then 'applied'
    else 'refused' end,
  s.n, s.at, s.evt
from (
  select *, case outcome when 'waiting' then row_number() over (partition by workspace_id, conversion, outcome order by position) - 1
    else 0 end as n
  from said_back where type = 'conversion.refunded'
) as s
join conversion c on c.workspace_id = s.workspace_id and c.id = s.conversion
order by s.workspace_id, s.conversion, s.id, s.position desc;
insert into chargeback
select distinct on (s.workspace_id, s.conversion, s.id) s.workspace_id, s.conversion, s.id,
  case when state in ('kept', 'lost') then state else 'open' end, null,
  case when state = 'lost' and c.refunds @> jsonb_build_array(jsonb_build_object('id', 'chargeback:' || s.id))
    then 'chargeback:' || s.id end,
  case when state like 'cas\_%' then state end, s.at, s.evt
from said_back s
join conversion c on c.workspace_id = s.workspace_id and c.id = s.conversion
cross join lateral (select c.chargebacks ->> s.id as state) as it
where s.type like 'chargeback.%'
order by s.workspace_id, s.conversion, s.id, s.position desc;
insert into refund
select c.workspace_id, c.id, b.refund, (given ->> 'amount')::bigint, (given ->> 'amount')::bigint, 0, 0, '[]', 'applied', 0, b.at, b.evt
from chargeback b
join conversion c on c.workspace_id = b.workspace_id and c.id = b.conversion
cross join lateral jsonb_array_elements(c.refunds) as given
where given ->> 'id' = b.refund
on conflict do nothing;
alter table conversion add column waiting integer not null default 0, alter column waiting set statistics 10;
alter table conversion alter column waiting drop default;
update conversion set waiting = jsonb_array_length(refunds) where status = 'waiting' and refunds <> '[]';
alter table conversion rename column refunds to back;
alter table conversion alter column back drop not null;
update conversion
set back = case when status = 'waiting' or back = '[]' then '{}'
    else jsonb_build_object('goods', (select sum((given ->> 'amount')::bigint) from jsonb_array_elements(back) given)) end,
  chargebacks = (select to_jsonb(count(*)) from jsonb_object_keys(chargebacks));
alter table conversion alter column back set not null, alter column chargebacks type integer using chargebacks::integer;
drop table said_back;

-- What an order is: its parts, which orders of before do not name; what caps left of a reward and how many payments earned, which
-- only rules of the second behaviour ask; and what an advocate keeps, by name.
alter table conversion add column tax bigint not null default 0, add column shipping bigint not null default 0,
  add column discount bigint not null default 0;
alter table conversion alter column tax drop default, alter column shipping drop default, alter column discount drop default,
  alter column tax set statistics 10, alter column shipping set statistics 10, alter column discount set statistics 10;
alter table reward add column ceiling bigint, alter column ceiling set statistics 10;
alter table conversion add column cases jsonb not null default '{}', add column rivals jsonb not null default '[]',
  add column amended jsonb;
alter table conversion alter column cases drop default, alter column rivals drop default,
  alter column cases set statistics 10, alter column rivals set statistics 10, alter column amended set statistics 10;
alter table refund add column said jsonb not null default '[]', add column currency text collate "C";
alter table refund alter column said drop default, alter column said set statistics 10, alter column currency set statistics 10;
alter table chargeback add column opened boolean not null default true;
alter table chargeback alter column opened drop default, alter column opened set statistics 10;
alter table referral add column paid jsonb not null default '{}', alter column paid set statistics 10;
alter table referral alter column paid drop default;
update counter c
set amounts = names.kept
from (
  select workspace_id, program, beneficiary, jsonb_object_agg("on", n) as kept
  from (
    select workspace_id, program, beneficiary, "on", count(distinct conversion) as n
    from reward where side = 'advocate' and amount > 0 group by workspace_id, program, beneficiary, "on"
  ) by_name
  group by workspace_id, program, beneficiary
) names
where c.workspace_id = names.workspace_id and c.program = names.program and c.person = names.beneficiary
  and c.kind = 'kept' and c.period = 'ever';
-- Who paid the same within the same ten minutes: whoever is paid twice is found without looking at all orders of a customer.
alter table conversion add column twin text collate "C", alter column twin set statistics 10;
update conversion
set twin = person || ':' || coalesce(currency, '') || ':' || amount || ':' || floor(at / 600000000.0)::bigint
where status = 'paid' and amount is not null;
create index conversion_twin on conversion (workspace_id, twin, id) where twin is not null;
-- What a program was at any instant: a pause or end holds for what happens from then on. The log has each move; the moves of today's
-- status alone are not enough, because a program that goes on again was paused.
alter table program add column moves jsonb, alter column moves set statistics 10;
update program set moves = '[]';
update program set moves = found.moves
from (
  select workspace_id, said -> 'event' ->> 'program' as program,
    jsonb_agg(jsonb_build_array(said -> 'as_of', said -> 'event' -> 'to') order by position) as moves
  from (
    select workspace_id, position, convert_from(leaf, 'UTF8')::jsonb as said
    from log where position('"type":"program.moved"'::bytea in leaf) > 0
  ) as told
  where said -> 'event' ->> 'type' = 'program.moved' and said -> 'verdicts' -> 0 ->> 'outcome' = said -> 'event' ->> 'to'
  group by 1, 2
) as found
where program.workspace_id = found.workspace_id and program.id = found.program;
alter table program alter column moves set not null;
comment on column program.moves is 'when it was paused, resumed or ended: [instant, status], oldest first';

-- A reward in review knows when its present stay is over: of its timers the last counts, and earlier ones do nothing from here on.
alter table reward add column expires_at bigint, alter column expires_at set statistics 10;
update reward set expires_at = last.due_at
from (select workspace_id, subject, max(due_at) as due_at from timer where kind = 'expire' group by 1, 2) as last
where reward.workspace_id = last.workspace_id and reward.id = last.subject and reward.status = 'in_review';
comment on column reward.expires_at is 'while it is in review: when its present stay is over';

-- Leads that no touch has won wait with their visitor. Those of before do not: nobody noted them.
alter table visitor add column leads jsonb not null default '[]', alter column leads set statistics 10;
alter table visitor alter column leads drop default;
comment on column visitor.leads is 'leads that no touch has won yet: a click that comes later decides them again';

-- A suspension that was wrong is put right: what it cost is known of those from here on.
alter table advocate add column "case" text collate "C", alter column "case" set statistics 10,
  add column missed jsonb not null default '[]', alter column missed set statistics 10,
  add column lifted_by text collate "C", alter column lifted_by set statistics 10;
alter table advocate alter column missed drop default;
comment on column advocate."case" is 'while suspended: the case of it';
comment on column advocate.missed is 'what was refused because of a suspension: [referral, conversion]';
comment on column advocate.lifted_by is 'the member who said first that the suspension is wrong';

-- Who was merged into whom.
create table kin (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  root         text collate "C" not null,
  members      jsonb not null,
  evt          text collate "C" not null,
  primary key (workspace_id, person)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table kin alter column workspace_id set statistics 0, alter column person set statistics 10, alter column root set statistics 10,
  alter column members set statistics 10, alter column evt set statistics 10;
-- What is owed back may be repaid, written off or forgiven.
alter table reward
  add column repaid bigint not null default 0 check (repaid >= 0), alter column repaid set statistics 10,
  add column forgiven bigint not null default 0 check (forgiven >= 0), alter column forgiven set statistics 10,
  add column settling jsonb not null default '[]', alter column settling set statistics 10,
  add column settling_list text collate "C", alter column settling_list set statistics 10;
drop index reward_unsettled;
create index reward_unsettled on reward (workspace_id, beneficiary)
  where status in ('pending', 'in_review', 'approved', 'processing') or sent - netted - forgiven > amount;
comment on column reward.repaid is 'what of netted was paid back by the beneficiary';
comment on column reward.forgiven is 'what was sent too much and nobody asks for any more';
comment on column reward.settling is 'who settles what is owed back, while a second is awaited';
-- A balance sums up everything, as the figures do: two thousand of the largest amounts are more than a bigint holds.
alter table balance alter column amount type numeric;

-- Who has an address of a provider that gives addresses for minutes: nobody of before, for it was not looked at.
alter table customer add column disposable boolean not null default false, alter column disposable set statistics 10;
alter table customer alter column disposable drop default;
