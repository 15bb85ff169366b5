-- name: add
-- Add what entries bring.
insert into figure (workspace_id, day, program, metric, unit, count, amount)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::numeric[])
on conflict (workspace_id, day, program, metric, unit)
do update set count = figure.count + excluded.count, amount = figure.amount + excluded.amount;

-- name: clear
-- Forget all, to be added up anew.
delete from figure where workspace_id = $1;

-- name: days
-- The figures of days, the last one not included; of some programs or of all together.
select day, metric, unit, sum(count)::bigint as count, sum(amount) as amount from figure
where workspace_id = $1 and day >= $2 and day < $3 and ($4::text[] is null or program = any($4))
group by day, metric, unit order by day, metric, unit;

-- name: accounts
-- What each class of account holds now, by unit; of some programs or of all together.
select unit, metric, sum(amount) as amount from figure
where workspace_id = $1 and day = 'ever' and ($2::text[] is null or program = any($2))
group by unit, metric order by unit, metric;

-- name: every
-- All of it, for verification.
select day, program, metric, unit, count, amount from figure
where workspace_id = $1 order by day, program, metric, unit;
