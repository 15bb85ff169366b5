-- name: load
-- Those with these keys.
select id, persons
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from visitor as it where it.workspace_id = $1 and it.id = wanted.key order by it.id limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into visitor (
  workspace_id, id, persons
)
select $1, id, persons
from json_populate_recordset(null::visitor, $2)
on conflict (workspace_id, id) do update set
  persons = excluded.persons;

-- name: every
-- The whole noun, for verification.
select id, persons
from visitor where workspace_id = $1 order by id;
