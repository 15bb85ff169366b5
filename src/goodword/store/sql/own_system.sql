-- name: find
-- The company's own system.
select kind, address, secrets, made_by, made_at from own_system where workspace_id = $1;

-- name: set
-- The company's own system is this one from now on.
insert into own_system (workspace_id, kind, address, secrets, made_by, made_at) values ($1, $2, $3, $4, $5, $6)
on conflict (workspace_id) do update set kind = excluded.kind, address = excluded.address, secrets = excluded.secrets,
  made_by = excluded.made_by, made_at = excluded.made_at;

-- name: exchange
-- Its secrets are others.
update own_system set secrets = $2 where workspace_id = $1;

-- name: end
-- There is none any more.
delete from own_system where workspace_id = $1;

-- name: waiting
-- Payouts over it of which nobody knows what became, and those that it was not told of yet.
select id, status from payout
where workspace_id = $1 and rail = 'own_system' and status in ('released', 'processing', 'unknown') order by id;
