-- name: rewards
-- Rewards in order of id. Here and below the filters are those that somebody asked for and no others: of a condition that may be
-- null a plan for all values knows nothing, and reads the whole workspace.
select id from reward where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: referrals
-- Referrals in order of id.
select id from referral where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: claims
-- Claims in order of id.
select id from claim where workspace_id = $1 and id > $3 {filters} order by id limit $2;

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

-- name: payouts
-- Payouts in order of id.
select id from payout where workspace_id = $1 and id > $3 {filters} order by id limit $2;

-- name: advocates
-- Advocates in order of id.
select program, person, id from advocate where workspace_id = $1 and id > $3 {filters} order by id limit $2;

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

-- name: cases_about
-- The cases about these conversions, claims or advocates.
select distinct found.id from unnest($2::text[]) as wanted (id)
cross join lateral (select id from "case" where workspace_id = $1 and subject = wanted.id offset 0) as found
order by found.id limit $3;

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
