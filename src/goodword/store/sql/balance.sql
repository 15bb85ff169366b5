-- name: post
-- Add the changes that postings bring to the balances.
insert into balance (workspace_id, program, account, owner, unit, amount)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[])
on conflict (workspace_id, program, account, owner, unit) do update set amount = balance.amount + excluded.amount;
