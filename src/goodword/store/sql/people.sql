-- name: add_names
-- Rows for outside names that have none; gives the ids of those that are new. In order of key: two flushes never wait crosswise.
insert into alias (workspace_id, kind, blind, id, sealed, evt)
select $1, * from unnest($2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::text[])
on conflict (workspace_id, kind, blind) do nothing
returning id, kind, blind;

-- name: find_names
-- What outside names stand for.
select found.kind, found.blind, found.id
from unnest($2::text[], $3::bytea[]) as wanted (kind, blind)
cross join lateral (
  select * from alias as it where it.workspace_id = $1 and it.kind = wanted.kind and it.blind = wanted.blind limit 1
) as found;

-- name: meant_codes
-- Which code is meant by what was typed: the one that is called so, if somebody owns it, else the one that looks like it.
select typed.place,
  coalesce(case when its.person is not null then its.id end, alike.means, case when alike.person is not null then alike.id end) as id,
  its.person is not null as exactly
from unnest($2::bytea[], $3::bytea[]) with ordinality as typed (exact, look, place)
left join lateral (
  select id from alias where workspace_id = $1 and kind = 'code' and blind = typed.exact offset 0
) as called on true
left join lateral (select id, person from code where workspace_id = $1 and id = called.id offset 0) as its on true
left join lateral (
  select id from alias where workspace_id = $1 and kind = 'code' and blind = typed.look offset 0
) as looked on true
left join lateral (select id, person, means from code where workspace_id = $1 and id = looked.id offset 0) as alike on true;

-- name: owned_codes
-- The next codes that somebody owns and that have a text.
select code.id, code.person, its.sealed
from code
cross join lateral (
  select sealed from alias as it
  where it.workspace_id = $1 and it.id = code.id and it.kind = 'code' and it.sealed is not null offset 0
) as its
where code.workspace_id = $1 and code.id > $2 and code.person is not null
order by code.id limit $3;

-- name: sealed_names
-- The sealed names of ids.
select found.id, found.kind, found.sealed
from unnest($2::text[]) as wanted (id)
cross join lateral (
  select * from alias as it where it.workspace_id = $1 and it.id = wanted.id and it.sealed is not null offset 0
) as found;

-- name: add_people
-- New persons with their own wrapped keys.
insert into person (workspace_id, id, wrapped)
select $1, * from unnest($2::text[], $3::bytea[]);

-- name: keys_of_people
-- The wrapped keys of persons; an erased person has none.
select id, wrapped from person where workspace_id = $1 and id = any($2::text[]);

-- name: masters
-- Which master keys wrapped keys of persons, by the id that these begin with, and of how many.
select substr(wrapped, 1, $2) as master, count(*) as persons from person where workspace_id = $1 group by 1 order by 1;

-- name: people_after
-- The next persons with their wrapped keys.
select id, wrapped from person where workspace_id = $1 and id > $2 order by id limit $3;

-- name: wrap_people_again
-- The same keys under another master key, unless they changed or went meanwhile.
update person set wrapped = again.wrapped
from unnest($2::text[], $3::bytea[], $4::bytea[]) as again (id, before, wrapped)
where person.workspace_id = $1 and person.id = again.id and person.wrapped = again.before;

-- name: add_personal
-- What events said of persons.
insert into personal (workspace_id, person, evt, sealed)
select $1, * from unnest($2::text[], $3::text[], $4::bytea[])
on conflict (workspace_id, person, evt) do nothing;

-- name: personal_of
-- What one event said of a person.
select sealed from personal where workspace_id = $1 and person = $2 and evt = $3;

-- name: personal_said
-- What events said of persons, of each the newest first.
select wanted.person, said.evt, said.sealed from unnest($2::text[]) as wanted (person)
cross join lateral (
  select evt, sealed from personal where workspace_id = $1 and person = wanted.person order by evt desc limit $3
) as said order by wanted.person, said.evt desc;

-- name: personal_before
-- What events before one of them said of a person, the newest first.
select evt, sealed from personal where workspace_id = $1 and person = $2 and evt < $3 order by evt desc limit $4;

-- name: add_match_keys
-- Keys by which persons are recognised; what was verified stays so. In order of key. Gives those that are new or raised.
insert into match_key (workspace_id, kind, blind, person, verified, evt)
select $1, * from unnest($2::text[], $3::bytea[], $4::text[], $5::boolean[], $6::text[])
on conflict (workspace_id, kind, blind, person) do update set verified = true, raised = excluded.evt
where excluded.verified and not match_key.verified
returning kind, blind, person, verified, coalesce(raised, evt) as evt;

-- name: pairs
-- Which of these pairs share a key. What only a page said of somebody is no key: anybody could say it.
select distinct wanted.person, wanted.other, mine.kind
from unnest($2::text[], $3::text[]) as wanted (person, other)
cross join lateral (
  select kind, blind from match_key where workspace_id = $1 and person = wanted.person and verified offset 0
) as mine
cross join lateral (
  select 1 from match_key as theirs
  where theirs.workspace_id = $1 and theirs.kind = mine.kind and theirs.blind = mine.blind and theirs.person = wanted.other
    and theirs.verified
  offset 0
) as theirs;

-- name: equals
-- Who shares a key of these kinds with these persons, for each key so many, those known longest first.
select distinct wanted.person, theirs.person as other, mine.kind
from unnest($2::text[]) as wanted (person)
cross join lateral (
  select kind, blind from match_key where workspace_id = $1 and person = wanted.person and verified and kind = any($3::text[]) offset 0
) as mine
cross join lateral (
  select it.person from match_key as it
  where it.workspace_id = $1 and it.kind = mine.kind and it.blind = mine.blind and it.person <> wanted.person and it.verified
  order by it.person limit $4
) as theirs;

-- name: holders
-- Who is recognised by these keys, of each key so many, those known longest first.
select wanted.kind, found.person from unnest($2::text[], $3::bytea[]) as wanted (kind, blind)
cross join lateral (
  select it.person from match_key as it
  where it.workspace_id = $1 and it.kind = wanted.kind and it.blind = wanted.blind order by it.person limit $4
) as found;

-- name: erasures
-- How many persons were erased.
select erasures from workspace where workspace_id = $1;

-- name: count_erasure
-- Who remembers names learns by this that some are gone.
update workspace set erasures = erasures + 1 where workspace_id = $1;

-- name: erase_personal
-- What events said of a person goes.
delete from personal where workspace_id = $1 and person = $2;

-- name: erase_match_keys
-- By what a person is recognised goes.
delete from match_key where workspace_id = $1 and person = $2;

-- name: erase_tax_forms
-- What their tax forms say.
delete from tax_form_detail where workspace_id = $1 and person = $2;

-- name: erase_payee_detail
-- Where a person is paid goes.
delete from payee_detail where workspace_id = $1 and person = $2;

-- name: erase_names
-- The names that the company gave a person go: who comes under one of them again is somebody new.
delete from alias where workspace_id = $1 and id = $2;

-- name: erase_codes
-- What the codes of a person are called goes, for people choose names of people: their links end.
with theirs as (
  select jsonb_array_elements_text(codes) as id from advocate where workspace_id = $1 and person = $2
)
delete from alias where workspace_id = $1 and kind in ('code', 'code_shape') and id in (
  select id from theirs
  union all
  select look.id from code as look, theirs where look.workspace_id = $1 and look.means = theirs.id and look.person is null
);

-- name: erase_search_words
-- The words by which a person is found go.
delete from search_word where workspace_id = $1 and person = $2;

-- name: erase_crm_records
-- What was written to their records in CRMs is known no more.
delete from crm_record where workspace_id = $1 and subject = $2;

-- name: erase_forms
-- The links to a person's own form go: they open nothing.
delete from deal_form where workspace_id = $1 and person = $2;

-- name: erase_letters
-- What they were written goes; that they were, and that nothing is sent to an address, stays.
delete from letter_text where workspace_id = $1 and person = $2;

-- name: erase_portal
-- The links and sessions by which a person comes to the portal go.
with links as (delete from portal_link where workspace_id = $1 and persons ? $2),
merges as (delete from portal_merge where workspace_id = $1 and (person = $2 or persons ? $2))
delete from portal_session where workspace_id = $1 and person = $2;

-- name: erase_person
-- A person's key goes, and with it whatever copy of a sealed row is left.
delete from person where workspace_id = $1 and id = $2;
