-- name: documents
-- The published texts with these hashes.
select semantics, document from rule_version where workspace_id = $1 and hash = any($2::text[]);

-- name: save
-- Keep what was published; a version never changes.
insert into rule_version (workspace_id, hash, semantics, document)
select $1, * from unnest($2::text[], $3::integer[], $4::text[])
on conflict do nothing;

-- name: every
-- All versions, for verification.
select hash, semantics, document from rule_version where workspace_id = $1 order by hash;
