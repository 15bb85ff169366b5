-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, slug, status, versions
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from program as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into program (
  workspace_id, id, slug, status, versions
)
select $1, id, slug, status, versions
from json_populate_recordset(null::program, $2)
on conflict (workspace_id, id) do update set
  slug = excluded.slug, status = excluded.status, versions = excluded.versions;

-- name: every
-- The whole noun, for verification.
select id, slug, status, versions
from program where workspace_id = $1 order by id;
