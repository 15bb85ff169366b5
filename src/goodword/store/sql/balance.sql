-- name: load
-- Those with these keys.
select found.program, found.account, found.owner, found.unit, found.amount
from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as key (program, account, owner, unit)
cross join lateral (
  select * from balance as it
  where workspace_id = $1 and it.program = key.program and it.account = key.account and it.owner = key.owner and it.unit = key.unit
  limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into balance (
  workspace_id, program, account, owner, unit, amount
)
select $1, program, account, owner, unit, amount
from json_populate_recordset(null::balance, $2)
on conflict (workspace_id, program, account, owner, unit) do update set
  amount = excluded.amount;

-- name: every
-- The whole noun, for verification.
select program, account, owner, unit, amount
from balance where workspace_id = $1 order by program, account, owner, unit;

-- name: post
-- Add the changes that postings bring to the balances.
insert into balance (workspace_id, program, account, owner, unit, amount)
select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
on conflict (workspace_id, program, account, owner, unit) do update set amount = balance.amount + excluded.amount;
