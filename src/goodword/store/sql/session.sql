-- name: open
-- A member is signed in; their sessions that are over are forgotten.
with old as (delete from session where workspace_id = $1 and member = $3 and (expires_at <= $4 or seen_at <= $6))
insert into session (workspace_id, hash, member, opened_at, seen_at, expires_at, agent, id, address, way, sure_at, own)
values ($1, $2, $3, $4, $4, $5, $7, $8, $9, $10, $11, $12);

-- name: find
-- Whose a session is that is not over.
select workspace_id, member, seen_at, id, way, sure_at, own from session where hash = $1 and expires_at > $2 and seen_at > $3;

-- name: seen
-- It was used.
update session set seen_at = $2 where hash = $1;

-- name: end
-- Somebody signed out.
delete from session where hash = $1;

-- name: of_member
-- The sessions of a member that are not over, the last used first.
select id, opened_at, seen_at, agent, address, way from session
where workspace_id = $1 and member = $2 and expires_at > $3 and seen_at > $4
order by seen_at desc, id limit 200;

-- name: own
-- Whether one of a member's sessions goes back to a link that was sent to their mailbox.
select own from session where workspace_id = $1 and member = $2 and id = $3;

-- name: end_one
-- One of a member's sessions is over.
delete from session where workspace_id = $1 and member = $2 and id = $3;

-- name: end_but
-- All of a member's sessions but one are over, and the links by which somebody could begin another one.
with links as (delete from login where workspace_id = $1 and member = $2)
delete from session where workspace_id = $1 and member = $2 and id <> $3;

-- name: sure
-- Its member proved again who they are.
update session set sure_at = $2 where hash = $1;
