-- name: open
-- A member is signed in; their sessions that are over are forgotten.
with old as (delete from session where workspace_id = $1 and member = $3 and (expires_at <= $4 or seen_at <= $6))
insert into session (workspace_id, hash, member, opened_at, seen_at, expires_at, agent) values ($1, $2, $3, $4, $4, $5, $7);

-- name: find
-- Whose a session is that is not over.
select workspace_id, member, seen_at from session where hash = $1 and expires_at > $2 and seen_at > $3;

-- name: seen
-- It was used.
update session set seen_at = $2 where hash = $1;

-- name: end
-- Somebody signed out.
delete from session where hash = $1;
