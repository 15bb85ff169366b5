-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, kind, program, subject, status, opened_at, flags, rewards, outcome, decided_by, decided_at, evt,
  decided_evt
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from "case" as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into "case" (
  workspace_id, id, kind, program, subject, status, opened_at, flags, rewards, outcome, decided_by, decided_at, evt,
  decided_evt
)
select $1, id, kind, program, subject, status, opened_at, flags, rewards, outcome, decided_by, decided_at, evt,
  decided_evt
from json_populate_recordset(null::"case", $2)
on conflict (workspace_id, id) do update set
  kind = excluded.kind, program = excluded.program, subject = excluded.subject, status = excluded.status,
  opened_at = excluded.opened_at, flags = excluded.flags, rewards = excluded.rewards, outcome = excluded.outcome,
  decided_by = excluded.decided_by, decided_at = excluded.decided_at, evt = excluded.evt,
  decided_evt = excluded.decided_evt;

-- name: every
-- The whole noun, for verification.
select id, kind, program, subject, status, opened_at, flags, rewards, outcome, decided_by, decided_at, evt,
  decided_evt
from "case" where workspace_id = $1 order by id;
