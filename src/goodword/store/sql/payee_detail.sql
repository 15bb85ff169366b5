-- name: every
-- The digests of all payment details, for verification.
select person, rail, digest, entering_rail, entering_digest, entering is not null as entering from payee_detail where workspace_id = $1;

-- name: save
-- Payment details of a person, new or changed.
insert into payee_detail (workspace_id, person, rail, digest, sealed) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, person) do update set
  rail = excluded.rail, sealed = excluded.sealed, digest = excluded.digest,
  suggested = case when payee_detail.digest = excluded.digest then payee_detail.suggested end;

-- name: enter
-- Other details of a person, beside those that hold; what they entered before is over.
update payee_detail set entering_rail = $3, entering_digest = $4, entering = $5, link = null, mailed = null
where workspace_id = $1 and person = $2;

-- name: hold
-- What persons entered holds, where it is what they have now.
update payee_detail as d set rail = entering_rail, digest = entering_digest, sealed = entering, suggested = null
from unnest($2::text[], $3::text[]) as p (person, digest)
where d.workspace_id = $1 and d.person = p.person and d.entering_digest = p.digest;

-- name: forget
-- Persons have entered nothing that is still to hold.
update payee_detail set entering_rail = null, entering_digest = null, entering = null, link = null, mailed = null
where workspace_id = $1 and person = any($2::text[]) and entering is not null;

-- name: entered
-- What persons entered, sealed, and by which job a link was mailed.
select person, entering_rail, entering, mailed from payee_detail
where workspace_id = $1 and person = any($2::text[]) and entering is not null;

-- name: link
-- A link before its mail is handed over, once for each job.
update payee_detail set link = $4, mailed = $5
where workspace_id = $1 and person = $2 and entering_digest = $3 and mailed is distinct from $5;

-- name: unlink
-- The server did not take the mail.
update payee_detail set link = null, mailed = null where workspace_id = $1 and mailed = $2;

-- name: whose
-- Whose details a link is about.
select person from payee_detail where workspace_id = $1 and link = $2;

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
