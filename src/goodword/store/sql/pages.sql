-- name: rewards
-- Rewards in order of id. Here and below the filters are those that somebody asked for and no others: of a condition that may be
-- null a plan for all values knows nothing, and reads the whole workspace.
select id from reward where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: referrals
-- Referrals in order of id.
select id from referral where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: newest_referrals
-- Referrals of some programs in some states, the newest first.
select found.id from unnest($4::text[]) as scope (program) cross join unnest($5::text[]) as state (name)
cross join lateral (
  select id from referral where workspace_id = $1 and program = scope.program and status = state.name and id < $3
  order by id desc limit $2
) as found order by found.id desc limit $2;

-- name: newest_referrals_of
-- The same of a friend, or of an advocate who stands for them first.
select id from referral where workspace_id = $1 and id < $3 and {by} = $4 and status <> ''
  and program = any($5::text[]) and status = any($6::text[]) order by id desc limit $2;

-- name: newest_conversions
-- Orders in some states, those that happened last first; of a time in the order of their ids.
select found.id from unnest($5::text[]) as state (name)
cross join lateral (
  select id, at from conversion where workspace_id = $1 and status = state.name and status <> '' and (at, id) < ($3, $4)
  order by at desc, id desc limit $2
) as found order by found.at desc, found.id desc limit $2;

-- name: newest_conversions_of
-- The same of a person.
select id from conversion where workspace_id = $1 and person = $6 and (at, id) < ($3, $4) and status = any($5::text[])
order by at desc, id desc limit $2;

-- name: newest_rewards
-- Rewards of some programs, the newest first: by them the orders are found that earned there.
select found.id, found.conversion from unnest($4::text[]) as scope (program) cross join unnest($5::text[]) as state (name)
cross join lateral (
  select id, conversion from reward where workspace_id = $1 and program = scope.program and status = state.name and id < $3
  order by id desc limit $2
) as found order by found.id desc limit $2;

-- name: newest_of
-- Rewards, payouts or claims of a person before one of them, the newest first.
select id from {table} where workspace_id = $1 and {by} = $4 and id < $3 order by id desc limit $2;

-- name: sums_of
-- What the newest rewards of a beneficiary come to by state and unit; of some programs or of all. A welcome that nobody has approved yet
-- is expected, and no state of what is owed.
select status, unit, count(*) as count, sum(amount) as amount from (
  select case when kind = 'welcome' and status in ('pending', 'in_review') then 'expected' else status end as status, unit, amount, program
  from reward where workspace_id = $1 and beneficiary = $2 order by id desc limit $3
) as newest
where $4::text[] is null or program = any($4) group by status, unit order by status, unit;

-- name: claims
-- Claims in order of id.
select id from claim where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: registrations
-- Registrations of deals in order of id.
select id from registration where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: newest_registrations
-- Registrations of deals that one partner made in one program, the newest first.
select id from registration where workspace_id = $1 and advocate = $3 and program = $4 and ($5 = '' or id < $5) order by id desc limit $2;

-- name: newest_deals
-- Deals, those first of which something was said last.
select id from deal where workspace_id = $1 and ($3 = '' or evt < $3) {filters} order by evt desc limit $2;

-- name: agreements
-- Agreements with partners in order of id.
select id from agreement where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: stakes
-- What stands for advocates of the newest orders of these friends, by referral, unit and state.
select earned.referral, earned.unit, earned.status, count(*) as count, sum(earned.amount) as amount
from unnest($2::text[]) as wanted (friend)
cross join lateral (
  select rewards from conversion where workspace_id = $1 and person = wanted.friend order by at desc limit $3
) as bought
cross join lateral jsonb_array_elements_text(bought.rewards) as part (reward)
cross join lateral (
  select referral, unit, status, amount, side from reward where workspace_id = $1 and id = part.reward offset 0
) as earned
where earned.side = 'advocate' and earned.amount > 0
group by earned.referral, earned.unit, earned.status order by earned.referral, earned.unit, earned.status;

-- name: changes
-- Changes in order of id.
select id from change where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: cases
-- Cases in order of id.
select id from "case" where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: cases_of
-- Those that are a member's and not decided, put aside or not.
select id from "case" where workspace_id = $1 and id > $3 and assignee = $4 and status in ('open', 'appealed') {filters}
order by id limit $2;

-- name: cases_aside
-- Those that are put aside at an instant.
select id from "case" where workspace_id = $1 and id > $3 and snoozed_until > $4 and status in ('open', 'appealed') {filters}
order by id limit $2;

-- name: waits_of_cases
-- What is owed and not sent of the rewards of these cases, by unit.
select c.id, r.unit, count(*)::int as count, sum(r.amount - r.sent + r.netted)::bigint as amount
from "case" c cross join lateral jsonb_array_elements_text(c.rewards) as named (reward)
join reward r on r.workspace_id = c.workspace_id and r.id = named.reward
where c.workspace_id = $1 and c.id = any($2::text[]) and r.amount > r.sent - r.netted
group by c.id, r.unit order by c.id, r.unit;

-- name: looks
-- Who looked at something, the newest first.
select id from look where workspace_id = $1 and subject = $2 and ($3 = '' or id < $3) order by id desc limit $4;

-- name: payouts
-- Payouts in order of id.
select id from payout where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: advocates
-- Advocates in order of id.
select program, person, id from advocate where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: count_codes
-- How many codes of these advocates there are, of at most so many advocates, and of how many; the codes of who was erased are none.
select coalesce(sum(jsonb_array_length(found.codes)) filter (where known.id is not null), 0) as codes, count(*) as advocates
from (select person, codes from advocate where workspace_id = $1 {filters} order by id limit $2) as found
left join lateral (select id from person where workspace_id = $1 and id = found.person offset 0) as known on true;

-- name: of_programs
-- A page of one of the nouns above, of some programs: the first rows of each, in each of the states, put in order. So it reads as many
-- rows as it gives for each of them, however many there are of others.
select found.* from unnest({programs}::text[]) as scope (program) cross join unnest({states}::text[]) as state (name)
cross join lateral ({page}) as found order by found.id limit $2;

-- name: knows_person
-- Whether a person has to do with one of these programs: advocate or friend in it, or claimed to be one.
select exists (select from advocate where workspace_id = $1 and person = $2 and program = any($3))
  or exists (select from referral where workspace_id = $1 and friend = $2 and program = any($3))
  or exists (select from claim where workspace_id = $1 and friend = $2 and program = any($3));

-- name: know_persons
-- Which of these persons have to do with one of these programs, as above. All of a person are read before their programs are looked
-- at, in an order that one index alone has: a plan from when the tables were small takes another, and reads a program for each person.
select wanted.person from unnest($2::text[]) as wanted (person)
cross join lateral (
  select from (
    (
      select program from advocate where workspace_id = $1 and person >= wanted.person and person <= wanted.person
      order by person, id offset 0
    )
    union all (
      select program from referral where workspace_id = $1 and friend >= wanted.person and friend <= wanted.person
      order by friend, id offset 0
    )
    union all (
      select program from claim where workspace_id = $1 and friend >= wanted.person and friend <= wanted.person
      order by friend, id offset 0
    )
  ) as theirs where program = any($3) limit 1
) as found;

-- name: advocate_by_id
-- Whose advocacy it is.
select person from advocate where workspace_id = $1 and id = $2;

-- name: programs
-- All programs.
select id from program where workspace_id = $1 order by id;

-- name: members
-- All members.
select id from member where workspace_id = $1 order by id;

-- name: payable
-- Who is owed approved rewards that stand in no payout, by unit; of some programs or of all.
select distinct beneficiary from reward
where workspace_id = $1 and status = 'approved' and payout is null and unit = $2 and due_at <= $3 and beneficiary > $4
  and ($6::text[] is null or program = any($6))
order by beneficiary limit $5;

-- name: balances
-- Balances other than zero, in order of key.
select program, account, owner, unit, amount from balance
where workspace_id = $1 and amount <> 0 and (program, account, owner, unit) > ($3, $4, $5, $6) {filters}
order by program, account, owner, unit limit $2;

-- name: trial_balance
-- The sum of each class of account by unit.
select unit, account, sum(amount) as amount from balance where workspace_id = $1
group by unit, account order by unit, account;

-- name: postings
-- Postings behind a place, in order.
select position, n, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward
from posting where workspace_id = $1 and (position, n) > ($2, $3)
order by position, n limit $4;

-- name: postings_before
-- Postings before a place, the newest first: so many are looked at for those of an account.
select position, n, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward
from posting where workspace_id = $1 and (position, n) < ($2, $3)
order by position desc, n desc limit $4;

-- name: postings_for
-- Postings before a place of the newest rewards of a beneficiary, so many rewards, the newest posting first.
select moved.position, moved.n, moved.program, moved.source, moved.source_owner, moved.to_program, moved.destination,
  moved.destination_owner, moved.unit, moved.amount, moved.reward
from (select id from reward where workspace_id = $1 and beneficiary = $4 order by id desc limit $5) as earned
cross join lateral (
  select * from posting as it where it.workspace_id = $1 and it.reward = earned.id offset 0
) as moved
where (moved.position, moved.n) < ($2, $3) order by moved.position desc, moved.n desc;

-- name: postings_of
-- All postings of some rewards.
select position, n, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward
from posting where workspace_id = $1 and reward = any($2::text[]) order by position, n;

-- name: closing_before
-- The balance with which the newest statement of an account up to a day ended.
select closing from statement where workspace_id = $1 and account = $2 and unit = $3 and last <= $4 and closing is not null
order by last desc, at desc limit 1;

-- name: statements_taken
-- The statements that were taken last.
select id from statement where workspace_id = $1 order by at desc, id desc limit $2;

-- name: handed_out
-- The files for the bank that were handed out last.
select id, form, digest, count, sums, debtor, day, times, by, at, last_by, last_at, refused_at, reason, evt
from handover where workspace_id = $1 order by last_at desc, id desc limit $2;

-- name: states_of_file
-- Payouts of a file for the bank, by state.
select p.status, count(*) as count from handover h
cross join lateral jsonb_array_elements_text(h.payouts) as of (id)
join payout p on p.workspace_id = h.workspace_id and p.id = of.id
where h.workspace_id = $1 and h.id = $2 group by p.status order by p.status;

-- name: in_other_files
-- Payouts that stand in another file for the bank, too, which was not refused: none left before the first of them was drafted.
select distinct of.id as payout from handover h
cross join lateral jsonb_array_elements_text(h.payouts) as of (id)
where h.workspace_id = $1 and h.id <> $2 and h.refused_at is null and of.id = any($3::text[])
  and h.last_at >= (select min(p.drafted_at) from payout p where p.workspace_id = $1 and p.id = any($3::text[]));

-- name: awaited
-- The units of payouts that wait for codes.
select distinct unit from payout where workspace_id = $1 and status = 'released' and reason = 'codes_awaited';

-- name: credit_moves
-- What moved the store credit of somebody, under all their names, of their newest lots, the newest posting first.
select moved.position, moved.n, moved.program, moved.source, moved.source_owner, moved.to_program, moved.destination,
  moved.destination_owner, moved.unit, moved.amount, moved.reward
from (
  select distinct reward from (
    select reward from lot where workspace_id = $1 and person = any($2::text[]) order by id desc limit $3
  ) as newest
) as brought
cross join lateral (
  select * from posting as it where it.workspace_id = $1 and it.reward = brought.reward
    and ((it.source = 'credit' and it.source_owner = any($2::text[]))
      or (it.destination = 'credit' and it.destination_owner = any($2::text[])))
  offset 0
) as moved
order by moved.position desc, moved.n desc limit $3;

-- name: earned
-- When the conversions of these rewards happened, and the time zone of the rules that each stands under.
select r.id, r.earned_at, v.document::json ->> 'timezone' from reward r
join rule_version v on v.workspace_id = r.workspace_id and v.hash = r.rules
where r.workspace_id = $1 and r.id = any($2::text[]);

-- name: legal_entities
-- The programs whose newest rules name a legal entity.
select p.id, v.document::json ->> 'entity' from program p
join rule_version v on v.workspace_id = p.workspace_id and v.hash = p.versions -> -1 ->> 1
where p.workspace_id = $1 and v.document::json ->> 'entity' is not null;

-- name: entries_of
-- Where money moved for one of these rewards, or somebody approved or released one of these subjects.
select found.position from unnest($2::text[]) as wanted (id)
cross join lateral (select position from posting where workspace_id = $1 and reward = wanted.id offset 0) as found
union
select found.position from unnest($3::text[]) as wanted (id)
cross join lateral (select position from approval where workspace_id = $1 and subject = wanted.id offset 0) as found
order by position limit $4;

-- name: approved_at
-- The last approval or release of a subject.
select max(position) from approval where workspace_id = $1 and subject = $2;

-- name: approved_each
-- The last approval or release of each of these subjects.
select wanted.id, (select max(position) from approval where workspace_id = $1 and subject = wanted.id) as position
from unnest($2::text[]) as wanted (id);

-- name: decided_at
-- Where money of each of these rewards moved last, or somebody approved it.
select wanted.id, greatest(
  (select max(position) from (select position from posting where workspace_id = $1 and reward = wanted.id offset 0) as moved),
  (select max(position) from (select position from approval where workspace_id = $1 and subject = wanted.id offset 0) as said)
) as position from unnest($2::text[]) as wanted (id);

-- name: cases_about
-- The cases about these conversions, claims or advocates.
select distinct found.id from unnest($2::text[]) as wanted (id)
cross join lateral (select id from "case" where workspace_id = $1 and subject = wanted.id offset 0) as found
order by found.id limit $3;

-- name: events_of_person
-- The newest events that said something personal of a person, and those of their newest orders.
(select evt from personal where workspace_id = $1 and person = $2 order by evt desc limit $3)
union
(select evt from conversion where workspace_id = $1 and person = $2 and evt is not null order by at desc limit $3);

-- name: events_of_order
-- The events of refunds and chargebacks of an order.
(select evt from refund where workspace_id = $1 and conversion = $2 order by id limit $3)
union
(select evt from chargeback where workspace_id = $1 and conversion = $2 order by id limit $3);

-- name: undecided
-- An event that is not decided yet, by its own id; a decided one is found in the log.
select evt, waits_for from undecided where workspace_id = $1 and evt = $2;

-- name: event_by_source
-- An event by the id that its sender gave it.
select evt, (select waits_for from undecided u where u.workspace_id = $1 and u.evt = e.evt limit 1) as waits_for
from event e where e.workspace_id = $1 and e.source = $2 and e.id = $3;

-- name: leaves
-- Entries of the log from a position on.
select position, leaf from log where workspace_id = $1 and position > $2 order by position limit $3;

-- name: accounts
-- Every account that was ever posted to, for an export.
select program, account, owner, unit, amount from balance where workspace_id = $1
order by program, account, owner, unit;

-- name: worths
-- Counters of no person whose kind begins so, added up over these programs; without any, over all, and what has none.
select kind, sum(count) as count from counter
where workspace_id = $1 and program = any(coalesce($3::text[], array(select id from program where workspace_id = $1) || ''::text))
  and person = '' and starts_with(kind, $2)
group by kind;
