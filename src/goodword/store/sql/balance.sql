-- name: post
-- Add the changes that postings bring to the balances.
insert into balance (workspace_id, program, account, owner, unit, amount)
select $1, program, account, owner, unit, amount::numeric
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as posted (program, account, owner, unit, amount)
on conflict (workspace_id, program, account, owner, unit) do update set amount = balance.amount + excluded.amount;
