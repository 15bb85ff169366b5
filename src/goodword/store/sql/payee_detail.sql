-- name: every
-- The digests of all payment details, for verification.
select person, rail, digest from payee_detail where workspace_id = $1;

-- name: save
-- Payment details of a person, new or changed.
insert into payee_detail (workspace_id, person, rail, digest, sealed) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, person) do update set rail = excluded.rail, digest = excluded.digest, sealed = excluded.sealed;

-- name: find
-- The sealed payment details of persons.
select person, rail, sealed from payee_detail where workspace_id = $1 and person = any($2::text[]);
