-- name: add
-- A new key; only its hash is kept.
insert into api_key (workspace_id, id, hash, kind, member, name, created_at) values ($1, $2, $3, $4, $5, $6, $7);

-- name: add_hook
-- A new secret of another system: its hash, and the secret itself, sealed. Nothing, where it is held already.
insert into api_key (workspace_id, id, hash, kind, name, created_at, source, sealed) values ($1, $2, $3, $8, $4, $5, $6, $7)
on conflict (hash) do nothing returning id;

-- name: hooks
-- The secrets of a source that are held, of a kind, the newest first.
select id, hash, sealed from api_key
where workspace_id = $1 and source = $2 and kind = $3 and revoked_at is null order by id desc;

-- name: by_hash
-- Who a key belongs to, before the workspace is known. A secret of another system opens nothing by itself.
select workspace_id, id, kind, member, name, created_at, revoked_at, source from api_key
where hash = $1 and revoked_at is null and kind not in ('hs', 'rk');

-- name: revoke
-- End a key.
update api_key set revoked_at = $3 where workspace_id = $1 and id = $2 and revoked_at is null;

-- name: every
-- The keys of a workspace, the oldest first.
select workspace_id, id, kind, member, name, created_at, revoked_at, source from api_key where workspace_id = $1 order by id;
