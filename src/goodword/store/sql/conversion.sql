-- name: of_twin
-- The first two of each, in order of key.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from conversion as it where it.workspace_id = $1 and it.twin = wanted.key order by it.id limit 2
) as found;
