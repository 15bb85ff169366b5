-- name: add
-- Text that a person typed; its digest is the id by which the log knows it.
insert into note (workspace_id, id, sealed) values ($1, $2, $3) on conflict (workspace_id, id) do nothing;

-- name: find
-- The sealed text.
select sealed from note where workspace_id = $1 and id = $2;
