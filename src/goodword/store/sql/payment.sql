-- name: name
-- Know payments, whether it is said of them which invoice they paid or not; their rows are locked until the commit. What was said
-- first stays.
insert into payment (workspace_id, source, id, invoice) select $1, $2, * from unnest($3::text[], $4::text[])
on conflict (workspace_id, source, id) do update set invoice = coalesce(payment.invoice, excluded.invoice) returning id, invoice;

-- name: hold
-- Keep what waits for the invoices of its payments.
insert into held (workspace_id, source, payment, id, at, body)
select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::bytea[]) on conflict do nothing;

-- name: held
-- What waits for the invoices of these payments.
select payment, id, body from held where workspace_id = $1 and source = $2 and payment = any($3::text[]) order by payment, id;

-- name: release
-- Forget what waits no longer.
delete from held where workspace_id = $1 and source = $2 and (payment, id) in (select * from unnest($3::text[], $4::text[]));

-- name: waiting
-- How many wait, of each source, and since when the first does.
select workspace_id, source, count(*) as events, min(at) as since from held where workspace_id = $1 group by 1, 2 order by 2;

-- name: all_waiting
-- How many wait, of each workspace and source, and since when the first does.
select workspace_id, source, count(*) as events, min(at) as since from held group by 1, 2 order by 1, 2;
