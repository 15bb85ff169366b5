-- name: load
-- Those with these keys.
select person, rail, destination, entered_by
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from payee as it where it.workspace_id = $1 and it.person = wanted.key order by it.person limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into payee (
  workspace_id, person, rail, destination, entered_by
)
select $1, person, rail, destination, entered_by
from json_populate_recordset(null::payee, $2)
on conflict (workspace_id, person) do update set
  rail = excluded.rail, destination = excluded.destination, entered_by = excluded.entered_by;

-- name: every
-- The whole noun, for verification.
select person, rail, destination, entered_by
from payee where workspace_id = $1 order by person;
