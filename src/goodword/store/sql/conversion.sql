-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, status, evt, person, at, name, amount, currency, country, lines, refunds, chargebacks, rewards
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from conversion as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: of
-- All of these: person.
select id, status, evt, person, at, name, amount, currency, country, lines, refunds, chargebacks, rewards
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from conversion as it where it.workspace_id = $1 and it.person = wanted.key offset 0
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into conversion (
  workspace_id, id, status, evt, person, at, name, amount, currency, country, lines, refunds, chargebacks,
  rewards
)
select $1, id, status, evt, person, at, name, amount, currency, country, lines, refunds, chargebacks,
  rewards
from json_populate_recordset(null::conversion, $2)
on conflict (workspace_id, id) do update set
  status = excluded.status, evt = excluded.evt, person = excluded.person, at = excluded.at, name = excluded.name,
  amount = excluded.amount, currency = excluded.currency, country = excluded.country,
  lines = excluded.lines, refunds = excluded.refunds, chargebacks = excluded.chargebacks, rewards = excluded.rewards;

-- name: every
-- The whole noun, for verification.
select id, status, evt, person, at, name, amount, currency, country, lines, refunds, chargebacks, rewards
from conversion where workspace_id = $1 order by id;
