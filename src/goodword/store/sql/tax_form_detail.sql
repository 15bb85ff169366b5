-- name: every
-- The digests of what all forms say, for verification.
select person, jurisdiction, digest from tax_form_detail where workspace_id = $1;

-- name: save
-- What a form of a person says, new or given anew.
insert into tax_form_detail (workspace_id, person, jurisdiction, digest, sealed) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, person, jurisdiction) do update set digest = excluded.digest, sealed = excluded.sealed;

-- name: find
-- What forms of persons say, sealed.
select person, jurisdiction, sealed from tax_form_detail where workspace_id = $1 and person = any($2::text[]);

-- name: missing
-- Forms of persons who were not erased, of which nobody knows what they say, for verification.
select f.person, f.jurisdiction from taxform f
join person k on k.workspace_id = $1 and k.id = f.person
left join tax_form_detail d on d.workspace_id = $1 and d.person = f.person and d.jurisdiction = f.jurisdiction
where f.workspace_id = $1 and f.form is not null and d.person is null;

-- name: paid
-- Whom something was paid in a year, those behind a person, in order.
select person from counter
where workspace_id = $1 and kind = 'paid' and period = $2 and person > $3 order by person limit $4;

-- name: asked
-- Since when forms are asked for that are not there yet, the oldest first.
select asked_at from taxform where workspace_id = $1 and asked_for is not null order by asked_at limit $2;

-- name: awaited
-- Forms that are asked for and not there yet, those behind a person, in order.
select person, jurisdiction, asked_for, asked_at from taxform
where workspace_id = $1 and asked_for is not null and (person, jurisdiction) > ($2, $3) order by person, jurisdiction limit $4;
