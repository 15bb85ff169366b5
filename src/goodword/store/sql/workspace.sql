-- name: add
-- A new workspace.
insert into workspace (workspace_id, name, mode, clock, created_at) values ($1, $2, $3, $4, $5);

-- name: add_stream
-- The lock, the clock and the head of its log. manual_now: for a manual clock; as_of: where one that follows events starts.
insert into stream (workspace_id, as_of, manual_now) values ($1, $2, $3);

-- name: add_secret
-- A key of a workspace, wrapped.
insert into workspace_secret (workspace_id, purpose, wrapped, public) values ($1, $2, $3, $4);

-- name: find
-- A workspace.
select workspace_id as id, name, mode, clock, created_at from workspace where workspace_id = $1;

-- name: all
-- All workspaces, the oldest first.
select workspace_id as id, name, mode, clock, created_at from workspace order by created_at, workspace_id;

-- name: listed
-- All workspaces, the oldest first, and how many events wait in each to be decided.
select w.workspace_id as id, w.name, w.mode, w.clock, w.created_at, coalesce(u.waiting, 0) as waiting
from workspace w left join (select workspace_id, count(*) as waiting from undecided group by 1) u using (workspace_id)
order by w.created_at, w.workspace_id;

-- name: secrets
-- The wrapped keys of a workspace.
select purpose, wrapped, public from workspace_secret where workspace_id = $1;

-- name: masters
-- Which master keys wrapped keys of workspaces, by the id that these begin with, and the oldest workspace of each.
select substr(wrapped, 1, $1) as master, min(workspace_id) as workspace_id from workspace_secret group by 1 order by 2;

-- name: wrap_secret_again
-- The same key under another master key, unless it changed meanwhile.
update workspace_secret set wrapped = $4 where workspace_id = $1 and purpose = $2 and wrapped = $3;

-- name: with_work
-- Workspaces with events to decide, or a timer that is due by their clock.
select s.workspace_id from stream s join workspace w on w.workspace_id = s.workspace_id
where s.next_due <= case w.clock when 'real' then $1 when 'manual' then s.manual_now else s.as_of end
or (  -- no exists: that may become one look at all that waits anywhere
  select true from undecided u where u.workspace_id = s.workspace_id and u.waits_for is null order by u.evt limit 1
);

-- name: with_jobs
-- Workspaces and kinds, of those asked for, with jobs that are due and that nobody has.
select w.workspace_id, k.kind from workspace w cross join unnest($2::text[], $3::text[]) as k (queue, kind)
where (  -- nothing at all is due in most workspaces; no exists: that may become one look at all that waits anywhere
  select true from job j
  where j.workspace_id = w.workspace_id and j.done_at is null and j.due_at <= $1
  and (j.leased_until is null or j.leased_until <= $1) order by j.due_at limit 1
) and (
  select true from (values (2), (1), (0)) as level (priority) cross join lateral (
    select from job j
    where j.workspace_id = w.workspace_id and j.queue = k.queue and j.kind = k.kind and j.priority = level.priority
    and j.done_at is null and j.due_at <= $1 and (j.leased_until is null or j.leased_until <= $1)
    order by j.due_at limit 1
  ) as due limit 1
);

-- name: with_done_jobs
-- Workspaces with jobs that were done before then.
select workspace_id from workspace w where (
  select true from job j where j.workspace_id = w.workspace_id and j.done_at < $1 and not j.dead order by j.done_at limit 1
);

-- name: with_new_entries
-- Workspaces whose log has grown since its last signed head.
select workspace_id from stream s where position > coalesce(
  (select size from log_head h where h.workspace_id = s.workspace_id order by size desc limit 1), 0
);
