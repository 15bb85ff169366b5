-- name: rewards
-- Rewards by state, beneficiary, conversion and payout, in order of id.
select id from reward
where workspace_id = $1 and ($2::text is null or status = $2) and ($3::text is null or beneficiary = $3)
and ($4::text is null or conversion = $4) and ($5::text is null or payout = $5) and id > $6
order by id limit $7;

-- name: referrals
-- Referrals, of a friend or all, in order of id.
select id from referral where workspace_id = $1 and ($2::text is null or friend = $2) and id > $3 order by id limit $4;

-- name: claims
-- Claims by state and friend, in order of id.
select id from claim
where workspace_id = $1 and ($2::text is null or status = $2) and ($3::text is null or friend = $3) and id > $4
order by id limit $5;

-- name: cases
-- Cases by state, in order of id.
select id from "case" where workspace_id = $1 and ($2::text is null or status = $2) and id > $3 order by id limit $4;

-- name: payouts
-- Payouts by state, beneficiary and rail, in order of id.
select id from payout
where workspace_id = $1 and ($2::text is null or status = $2) and ($3::text is null or beneficiary = $3)
and ($4::text is null or rail = $4) and id > $5
order by id limit $6;

-- name: advocates
-- Advocates of a program or all, in order of id.
select program, person from advocate
where workspace_id = $1 and ($2::text is null or program = $2) and ($3::text is null or person = $3) and id > $4
order by id limit $5;

-- name: programs
-- All programs.
select id from program where workspace_id = $1 order by id;

-- name: members
-- All members.
select id from member where workspace_id = $1 order by id;

-- name: payable
-- Who is owed approved rewards that stand in no payout, by unit.
select distinct beneficiary from reward
where workspace_id = $1 and status = 'approved' and payout is null and unit = $2 and due_at <= $3 and beneficiary > $4
order by beneficiary limit $5;

-- name: balances
-- Balances other than zero, in order of key.
select program, account, owner, unit, amount from balance
where workspace_id = $1 and amount <> 0 and ($2::text is null or owner = $2) and ($3::text is null or account = $3)
and (program, account, owner, unit) > ($4, $5, $6, $7)
order by program, account, owner, unit limit $8;

-- name: trial_balance
-- The sum of each class of account by unit.
select unit, account, sum(amount)::bigint as amount from balance where workspace_id = $1
group by unit, account order by unit, account;

-- name: postings
-- Postings behind a place, in order.
select position, n, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward
from posting where workspace_id = $1 and (position, n) > ($2, $3)
order by position, n limit $4;

-- name: entries_of
-- Where money moved for one of these rewards, or somebody approved or released one of these subjects.
select found.position from unnest($2::text[]) as wanted (id)
cross join lateral (select position from posting where workspace_id = $1 and reward = wanted.id offset 0) as found
union
select found.position from unnest($3::text[]) as wanted (id)
cross join lateral (select position from approval where workspace_id = $1 and subject = wanted.id offset 0) as found
order by position limit $4;

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
