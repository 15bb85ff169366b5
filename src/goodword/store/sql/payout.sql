-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, beneficiary, rail, unit, amount, status, parts, destination, drafted_by, drafted_at, manual,
       releases, release_list, reference, reason
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from payout as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into payout (
  workspace_id, id, beneficiary, rail, unit, amount, status, parts, destination, drafted_by, drafted_at, manual,
  releases, release_list, reference, reason
)
select $1, id, beneficiary, rail, unit, amount, status, parts, destination, drafted_by, drafted_at, manual,
  releases, release_list, reference, reason
from json_populate_recordset(null::payout, $2)
on conflict (workspace_id, id) do update set
  beneficiary = excluded.beneficiary, rail = excluded.rail, unit = excluded.unit, amount = excluded.amount,
  status = excluded.status, parts = excluded.parts, destination = excluded.destination,
  drafted_by = excluded.drafted_by, drafted_at = excluded.drafted_at, manual = excluded.manual, releases = excluded.releases,
  release_list = excluded.release_list, reference = excluded.reference, reason = excluded.reason;

-- name: every
-- The whole noun, for verification.
select id, beneficiary, rail, unit, amount, status, parts, destination, drafted_by, drafted_at, manual,
       releases, release_list, reference, reason
from payout where workspace_id = $1 order by id;
