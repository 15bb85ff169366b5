-- name: every
-- The digests of all payment details, for verification.
select person, rail, digest from payee_detail where workspace_id = $1;

-- name: save
-- Payment details of a person, new or changed.
insert into payee_detail (workspace_id, person, rail, digest, sealed) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, person) do update set
  rail = excluded.rail, sealed = excluded.sealed, digest = excluded.digest,
  suggested = case when payee_detail.digest = excluded.digest then payee_detail.suggested end;

-- name: suggest
-- By which name a bank knows the account of these details; null: it said none.
update payee_detail set suggested = $4 where workspace_id = $1 and person = $2 and digest = $3;

-- name: suggested
-- The sealed names by which banks know the accounts of persons.
select person, suggested from payee_detail where workspace_id = $1 and person = any($2::text[]) and suggested is not null;

-- name: page
-- Who has payment details, in order, behind a person.
select person from payee_detail where workspace_id = $1 and person > $2 order by person limit $3;

-- name: find
-- The sealed payment details of persons.
select person, rail, sealed from payee_detail where workspace_id = $1 and person = any($2::text[]);

-- name: missing
-- Payees who were not erased and have no payment details, for verification.
select p.person from payee p
join person k on k.workspace_id = $1 and k.id = p.person
left join payee_detail d on d.workspace_id = $1 and d.person = p.person
where p.workspace_id = $1 and d.person is null;
