-- name: set
-- Let a workspace answer for a host.
insert into directory (workspace_id, host) values ($1, $2)
on conflict (host) do update set workspace_id = excluded.workspace_id;

-- name: every
-- The hosts of a workspace.
select host from directory where workspace_id = $1 order by host;
