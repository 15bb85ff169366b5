-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, due_at, kind, subject
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from timer as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into timer (
  workspace_id, id, due_at, kind, subject
)
select $1, id, due_at, kind, subject
from json_populate_recordset(null::timer, $2)
on conflict (workspace_id, id) do update set
  due_at = excluded.due_at, kind = excluded.kind, subject = excluded.subject;

-- name: every
-- The whole noun, for verification.
select id, due_at, kind, subject
from timer where workspace_id = $1 order by id;

-- name: due
-- Timers that are due by an instant and not set aside, in the order in which they fire.
select id, due_at, kind, subject from timer
where workspace_id = $1 and due_at <= $2 and not exists (
  select from event where event.workspace_id = $1 and event.source = 'timer' and event.id = timer.id
)
order by due_at, id limit $3;

-- name: end
-- Take away those that fired.
delete from timer where workspace_id = $1 and id = any($2::text[]);
