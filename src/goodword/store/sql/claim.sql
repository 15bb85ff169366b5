-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, program, friend, shares, kind, status, lead_at, opened_at, conversion, entered_by, decided_by, evt,
  decided_evt
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from claim as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: of
-- All of these: friend.
select id, program, friend, shares, kind, status, lead_at, opened_at, conversion, entered_by, decided_by, evt,
  decided_evt
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from claim as it where it.workspace_id = $1 and it.friend = wanted.key offset 0
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into claim (
  workspace_id, id, program, friend, shares, kind, status, lead_at, opened_at, conversion, entered_by, decided_by, evt,
  decided_evt
)
select $1, id, program, friend, shares, kind, status, lead_at, opened_at, conversion, entered_by, decided_by, evt,
  decided_evt
from json_populate_recordset(null::claim, $2)
on conflict (workspace_id, id) do update set
  program = excluded.program, friend = excluded.friend, shares = excluded.shares, kind = excluded.kind,
  status = excluded.status, lead_at = excluded.lead_at, opened_at = excluded.opened_at,
  conversion = excluded.conversion, entered_by = excluded.entered_by, decided_by = excluded.decided_by,
  evt = excluded.evt, decided_evt = excluded.decided_evt;

-- name: every
-- The whole noun, for verification.
select id, program, friend, shares, kind, status, lead_at, opened_at, conversion, entered_by, decided_by, evt,
  decided_evt
from claim where workspace_id = $1 order by id;
