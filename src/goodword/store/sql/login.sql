-- name: add
-- A link that signs a member in, and no further ones that have expired.
with old as (delete from login where expires_at <= $5)
insert into login (workspace_id, hash, member, expires_at, kind, own) values ($1, $2, $3, $4, $6, $7);

-- name: look
-- Whom a link would sign in.
select workspace_id, member, kind, own from login where hash = $1 and expires_at > $2;

-- name: take
-- Use a link up.
delete from login where hash = $1 and expires_at > $2 returning workspace_id, member, kind, own;
