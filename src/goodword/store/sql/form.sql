-- name: add
-- A link to a partner's form.
insert into deal_form (workspace_id, id, digest, person, program, made_by, made_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: opened
-- What a link opens at an instant.
select id, person, program, made_by, made_at, expires_at, ended_at from deal_form
where workspace_id = $1 and digest = $2 and ended_at is null and expires_at > $3;

-- name: of_person
-- The links that a person was given, the newest first.
select id, person, program, made_by, made_at, expires_at, ended_at from deal_form
where workspace_id = $1 and person = $2 order by id desc limit $3;

-- name: find
-- One of them.
select id, person, program, made_by, made_at, expires_at, ended_at from deal_form where workspace_id = $1 and id = $2;

-- name: end
-- It opens nothing any more.
update deal_form set ended_at = $3 where workspace_id = $1 and id = $2 and ended_at is null;
