-- name: every
-- The digests of all payment details, for verification.
select person, rail, digest from payee_detail where workspace_id = $1;
