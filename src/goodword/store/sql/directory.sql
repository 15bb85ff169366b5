-- name: set
-- Let a workspace answer for a host, and give links at it from now on; nothing, if another workspace answers for it.
insert into directory (workspace_id, host, since) values ($1, $2, $3)
on conflict (host) do update set since = excluded.since where directory.workspace_id = excluded.workspace_id
returning host;

-- name: remove
-- A workspace answers for a host no more.
delete from directory where workspace_id = $1 and host = $2 returning host;

-- name: every
-- The hosts of a workspace, the one that links are given at first.
select host from directory where workspace_id = $1 order by since desc, host;
