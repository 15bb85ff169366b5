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
