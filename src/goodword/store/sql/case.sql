-- name: of_disputed
-- The disputes about these.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from "case" as it where it.workspace_id = $1 and it.subject = wanted.key and it.person is not null
  offset 0
) as found;
