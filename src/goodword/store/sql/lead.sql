-- name: load
-- Those with these keys.
select id, person, at, program, visitor, click, code, link_code, unverified
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from lead as it where it.workspace_id = $1 and it.id = wanted.key order by it.id limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into lead (
  workspace_id, id, person, at, program, visitor, click, code, link_code, unverified
)
select $1, id, person, at, program, visitor, click, code, link_code, unverified
from json_populate_recordset(null::lead, $2)
on conflict (workspace_id, id) do update set
  person = excluded.person, at = excluded.at, program = excluded.program, visitor = excluded.visitor,
  click = excluded.click, code = excluded.code, link_code = excluded.link_code, unverified = excluded.unverified;

-- name: every
-- The whole noun, for verification.
select id, person, at, program, visitor, click, code, link_code, unverified
from lead where workspace_id = $1 order by id;
