-- name: load
-- Those with these keys.
select found.program, found.person, found.id, found.status, found.enrolled_at, found.terms, found.codes
from unnest($2::text[], $3::text[]) as key (program, person)
cross join lateral (
  select * from advocate as it
  where workspace_id = $1 and it.program = key.program and it.person = key.person
  limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into advocate (
  workspace_id, program, person, id, status, enrolled_at, terms, codes
)
select $1, program, person, id, status, enrolled_at, terms, codes
from json_populate_recordset(null::advocate, $2)
on conflict (workspace_id, program, person) do update set
  id = excluded.id, status = excluded.status, enrolled_at = excluded.enrolled_at, terms = excluded.terms,
  codes = excluded.codes;

-- name: every
-- The whole noun, for verification.
select program, person, id, status, enrolled_at, terms, codes
from advocate where workspace_id = $1 order by program, person;
