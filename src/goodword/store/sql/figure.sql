-- name: add
-- Add what entries bring.
insert into figure (workspace_id, slot, program, metric, unit, basis, count, amount)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::numeric[])
on conflict (workspace_id, slot, program, metric, unit, basis)
do update set count = figure.count + excluded.count, amount = figure.amount + excluded.amount;

-- name: clear
-- Forget all, to be added up anew.
delete from figure where workspace_id = $1;

-- name: days
-- The figures of days, each with its first slot and that before which it ends; of some programs or of all together. A scan of the primary key a day.
select d.day, f.metric, f.unit, f.count, f.amount
from unnest($2::text[], $3::text[], $4::text[]) with ordinality as d (day, begins, ends, place)
cross join lateral (
  select metric, unit, sum(count)::bigint as count, sum(amount) as amount from figure
  where workspace_id = $1 and slot >= d.begins and slot < d.ends and ($5::text[] is null or program = any($5))
    and basis in ('both', $6)
  group by metric, unit offset 0
) as f
order by d.place, f.metric, f.unit;

-- name: accounts
-- What each class of account holds now, by unit; of some programs or of all together.
select unit, metric, sum(amount) as amount from figure
where workspace_id = $1 and slot = 'ever' and ($2::text[] is null or program = any($2))
group by unit, metric order by unit, metric;

-- name: accounts_by_program
-- What each class of account of each program holds now, by unit.
select program, metric, unit, amount from figure where workspace_id = $1 and slot = 'ever' order by program, metric, unit;

-- name: agreement
-- How often who decided agreed with what was recommended, by member and rules: as many rows as there are members times versions.
select unit, metric, count from figure
where workspace_id = $1 and slot = 'agreement' and program = '' order by unit, metric limit $2;

-- name: every
-- All of it, for verification.
select slot, program, metric, unit, basis, count, amount from figure
where workspace_id = $1 order by slot, program, metric, unit, basis;

-- name: measured
-- What is kept of measurement events and times, for a recount.
select slot, program, metric, unit, basis, count, amount from figure
where workspace_id = $1 and (slot >= 'measure:' and slot < 'measure;' or slot >= 'day:measure:' and slot < 'day:measure;');
