-- name: known
-- Which of these persons are advocates, friends or beneficiaries, and whether words of theirs are known already. Each is
-- found in an order that one index alone has: a plan from when the tables were small takes another, and reads the workspace for each.
select wanted.person, words.has is not null as has_words
from unnest($2::text[]) as wanted (person)
cross join lateral (
  (
    select 1 from advocate where workspace_id = $1 and person >= wanted.person and person <= wanted.person
    order by person, id limit 1
  )
  union all (
    select 1 from referral where workspace_id = $1 and friend >= wanted.person and friend <= wanted.person
    order by friend, id limit 1
  )
  union all (
    select 1 from reward where workspace_id = $1 and beneficiary >= wanted.person and beneficiary <= wanted.person
    order by beneficiary, id limit 1
  )
  limit 1
) as found
left join lateral (select true as has from search_word where workspace_id = $1 and person = wanted.person limit 1) as words on true;

-- name: friends
-- The friends of referrals and claims.
select friend from referral where workspace_id = $1 and id = any($2::text[])
union all
select friend from claim where workspace_id = $1 and id = any($2::text[]);

-- name: hold
-- Let nobody erase these persons before the words are written; who is erased has no row.
select id from person where workspace_id = $1 and id = any($2::text[]) order by id for key share;

-- name: newest
-- What was said of these persons last.
select found.person, found.evt, found.sealed from unnest($2::text[]) as wanted (person)
cross join lateral (
  select it.person, it.evt, it.sealed from personal as it
  where it.workspace_id = $1 and it.person = wanted.person order by it.evt desc limit $3
) as found;

-- name: of_events
-- What these events said of these persons.
select found.person, found.evt, found.sealed from unnest($2::text[], $3::text[]) as wanted (person, evt)
cross join lateral (
  select it.person, it.evt, it.sealed from personal as it
  where it.workspace_id = $1 and it.person = wanted.person and it.evt = wanted.evt offset 0
) as found;

-- name: add
-- Words by which persons are found, in order of key.
insert into search_word (workspace_id, blind, person)
select $1, * from unnest($2::bytea[], $3::text[]) on conflict do nothing;

-- name: find
-- Who has all of these words, the newest first: of those who have the first word so many are looked at. Where there are more, a last
-- row says so, beyond them.
select found.person, found.n > $4 as is_beyond from (
  select looked.person, row_number() over (order by looked.person desc) as n from (
    select person from search_word where workspace_id = $1 and blind = $2 order by person desc limit $4::int + 1
  ) as looked
) as found
where case when found.n > $4 then cardinality($3::bytea[]) > 0 else cardinality($3::bytea[]) = (
  select count(*) from unnest($3::bytea[]) as other (blind)
  cross join lateral (
    select 1 from search_word as it
    where it.workspace_id = $1 and it.blind = other.blind and it.person = found.person limit 1
  ) as has
) end
order by found.person desc limit $5;

-- name: persons
-- The persons behind one, in order of id.
select id from person where workspace_id = $1 and id > $2 order by id limit $3;

-- name: is_pairing
-- Whether there are still persons of whom no pairs are known.
select exists(select 1 from job where workspace_id = $1 and queue = 'search' and kind = 'search.pairs' and done_at is null);

-- name: clear
-- Forget all words, to be read anew.
delete from search_word where workspace_id = $1;
