-- name: of_awaits
-- Those, released, that wait for codes of one of these units.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from payout as it
  where it.workspace_id = $1 and it.unit = wanted.key and it.status = 'released' and it.reason = 'codes_awaited'
  offset 0
) as found;
