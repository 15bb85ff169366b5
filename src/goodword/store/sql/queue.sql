-- name: classes
-- The classes of the queue (core/priority.py) that there are: from one to the next by the index, whatever lies in each.
with recursive class as (
  (select rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'::bigint[]) as bucket,
    least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) as promise
  from reward where workspace_id = $1 and status = 'in_review'
  order by rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'::bigint[]),
    least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) limit 1)
  union all
  select further.* from class cross join lateral (
    select rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'::bigint[]) as bucket,
    least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) as promise
    from reward where workspace_id = $1 and status = 'in_review'
      and (rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'::bigint[]),
    least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366))
      > (class.rules, class.unit, class.risk, class.bucket, class.promise)
    order by rules, unit, risk, width_bucket(amount, '{10000,100000,1000000}'::bigint[]),
    least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) limit 1
  ) as further
)
select rules, unit, risk, bucket, promise from class;

-- name: behind
-- Of each class the first rewards behind a place in it; without what is put aside, of which there is little.
select wanted.place::int as place, found.id, found.since
from unnest($2::text[], $3::text[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::text[]) with ordinality
  as wanted (rules, unit, risk, bucket, promise, since, after, place)
cross join lateral (
  select id, coalesce(reviewed_at, hold_until) as since from reward
  where workspace_id = $1 and status = 'in_review' and rules = wanted.rules and unit = wanted.unit and risk = wanted.risk
    and width_bucket(amount, '{10000,100000,1000000}'::bigint[]) = wanted.bucket
    and least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) = wanted.promise
    and (coalesce(reviewed_at, hold_until), id) > (wanted.since, wanted.after)
    and (snoozed_until is null or snoozed_until <= $10)
  order by coalesce(reviewed_at, hold_until), id limit $9 offset 0
) as found;

-- name: ahead
-- Of each class the last rewards before a place in it, the nearest first.
select wanted.place::int as place, found.id, found.since
from unnest($2::text[], $3::text[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::text[]) with ordinality
  as wanted (rules, unit, risk, bucket, promise, since, after, place)
cross join lateral (
  select id, coalesce(reviewed_at, hold_until) as since from reward
  where workspace_id = $1 and status = 'in_review' and rules = wanted.rules and unit = wanted.unit and risk = wanted.risk
    and width_bucket(amount, '{10000,100000,1000000}'::bigint[]) = wanted.bucket
    and least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366) = wanted.promise
    and (coalesce(reviewed_at, hold_until), id) < (wanted.since, wanted.after)
    and (snoozed_until is null or snoozed_until <= $10)
  order by coalesce(reviewed_at, hold_until) desc, id desc limit $9 offset 0
) as found;

-- name: smaller
-- Of rules and units the largest rewards behind a place among them.
select found.id, found.amount
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as wanted (rules, unit, amount, after)
cross join lateral (
  select id, amount from reward
  where workspace_id = $1 and status = 'in_review' and rules = wanted.rules and unit = wanted.unit and (-amount, id) > (wanted.amount, wanted.after)
    and (snoozed_until is null or snoozed_until <= $7)
  order by (-amount), id limit $6 offset 0
) as found;

-- name: larger
-- Of rules and units the smallest rewards before a place among them, the nearest first.
select found.id, found.amount
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[]) as wanted (rules, unit, amount, after)
cross join lateral (
  select id, amount from reward
  where workspace_id = $1 and status = 'in_review' and rules = wanted.rules and unit = wanted.unit and (-amount, id) < (wanted.amount, wanted.after)
    and (snoozed_until is null or snoozed_until <= $7)
  order by (-amount) desc, id desc limit $6 offset 0
) as found;

-- name: aside
-- What is put aside at an instant, the next to be back first.
select id, unit, amount from reward
where workspace_id = $1 and status = 'in_review' and snoozed_until > $2 and ($3::text[] is null or program = any($3))
order by snoozed_until, id limit $4;

-- name: counts
-- How many rewards are in each of these states, as far as they are counted. In order, so that the index of states is read.
select state.name, (select count(*) from (
  select from reward where workspace_id = $1 and status = state.name order by id limit $3
) as counted) as count
from unnest($2::text[]) as state (name);

-- name: counts_of
-- The same for some programs.
select state.name, (select count(*) from (
  select from unnest($4::text[]) as scope (program) cross join lateral (
    select from reward where workspace_id = $1 and program = scope.program and status = state.name order by id limit $3
  ) as one limit $3
) as counted) as count
from unnest($2::text[]) as state (name);

-- name: amounts
-- What rewards in a state come to by unit, as far as they are counted.
select unit, sum(amount)::bigint as amount from (
  select unit, amount from reward where workspace_id = $1 and status = $2 order by id limit $3
) as counted group by unit order by unit;

-- name: amounts_of
-- The same for some programs.
select unit, sum(amount)::bigint as amount from (
  select one.unit, one.amount from unnest($4::text[]) as scope (program) cross join lateral (
    select unit, amount from reward where workspace_id = $1 and program = scope.program and status = $2 order by id limit $3
  ) as one limit $3
) as counted group by unit order by unit;

-- name: last_paid
-- To which account the last payout of each of these people went that a rail took.
select wanted.person, last.destination from unnest($2::text[]) as wanted (person)
cross join lateral (
  select destination from payout
  where workspace_id = $1 and beneficiary = wanted.person and status in ('processing', 'sent', 'completed')
  order by id desc limit 1 offset 0
) as last;

-- name: of_list
-- The rewards in review over which one member has approved a list, and that wait for a second.
select id from reward where workspace_id = $1 and status = 'in_review' and approval_list = $2 order by id limit $3;
