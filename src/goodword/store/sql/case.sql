-- name: of_disputed
-- The disputes about these. Whether one is a dispute is asked outside: a plan that is kept from when there were few reads all of them else.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from "case" as it where it.workspace_id = $1 and it.subject = wanted.key
  offset 0
) as found
where found.person is not null;
