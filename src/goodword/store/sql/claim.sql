-- name: of_open_of
-- Those of these friends about which somebody is still to decide.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from claim as it where it.workspace_id = $1 and it.friend = wanted.key and it.status in ('open', 'appealed')
  offset 0
) as found;
