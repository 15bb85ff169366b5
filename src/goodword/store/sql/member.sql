-- name: load
-- Those with these keys.
select id, roles, limits
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from member as it where it.workspace_id = $1 and it.id = wanted.key order by it.id limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into member (
  workspace_id, id, roles, limits
)
select $1, id, roles, limits
from json_populate_recordset(null::member, $2)
on conflict (workspace_id, id) do update set
  roles = excluded.roles, limits = excluded.limits;

-- name: every
-- The whole noun, for verification.
select id, roles, limits
from member where workspace_id = $1 order by id;
