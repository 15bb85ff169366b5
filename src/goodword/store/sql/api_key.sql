-- name: add
-- A new key; only its hash is kept.
insert into api_key (workspace_id, id, hash, kind, member, name, created_at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: by_hash
-- Who a key belongs to, before the workspace is known.
select workspace_id, id, kind, member, name, created_at, revoked_at from api_key where hash = $1 and revoked_at is null;

-- name: revoke
-- End a key.
update api_key set revoked_at = $3 where workspace_id = $1 and id = $2 and revoked_at is null;

-- name: every
-- The keys of a workspace, the oldest first.
select workspace_id, id, kind, member, name, created_at, revoked_at from api_key where workspace_id = $1 order by id;
