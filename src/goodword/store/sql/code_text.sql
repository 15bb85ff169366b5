-- name: add
-- Those that are new, by id: no text stands twice.
insert into code_text (workspace_id, id, blind, sealed)
select $1, * from unnest($2::text[], $3::bytea[], $4::bytea[])
on conflict do nothing returning id;

-- name: find
-- What these codes read, sealed.
select id, sealed from code_text where workspace_id = $1 and id = any($2::text[]);

-- name: by_text
-- Which code reads so.
select id from code_text where workspace_id = $1 and blind = $2;

-- name: every
-- All codes as they stand.
select id, blind, sealed from code_text where workspace_id = $1;
