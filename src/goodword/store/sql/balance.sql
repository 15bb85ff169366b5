-- name: post
-- Add the changes that postings bring to the balances.
insert into balance (workspace_id, program, account, owner, unit, amount)
select $1, program, account, owner, unit, amount::numeric
from unnest($2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[], $6::text::text[]) as posted (program, account, owner, unit, amount)
on conflict (workspace_id, program, account, owner, unit) do update set amount = balance.amount + excluded.amount;
