-- name: of_held_by
-- Those of these persons of which anything is there.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from lot as it where it.workspace_id = $1 and it.person = wanted.key and it.rest > 0
  offset 0
) as found;
