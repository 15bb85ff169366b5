-- name: load
-- Those with these keys.
select id, program, person, leads
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from code as it where it.workspace_id = $1 and it.id = wanted.key order by it.id limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into code (
  workspace_id, id, program, person, leads
)
select $1, id, program, person, leads
from json_populate_recordset(null::code, $2)
on conflict (workspace_id, id) do update set
  program = excluded.program, person = excluded.person, leads = excluded.leads;

-- name: every
-- The whole noun, for verification.
select id, program, person, leads
from code where workspace_id = $1 order by id;
