-- name: beat
-- A worker lives; those that have not said so for a day are forgotten.
with gone as (delete from worker where seen_at < clock_timestamp() - interval '1 day' and id <> $1)
insert into worker (id, seen_at) values ($1, clock_timestamp())
on conflict (id) do update set seen_at = excluded.seen_at;

-- name: ended
-- A worker ends in order.
delete from worker where id = $1;

-- name: has_master
-- Since when a master key is in use.
insert into master_key (id, since) values ($1, clock_timestamp()) on conflict (id) do nothing;

-- name: seen
-- Seconds since any worker lived; null: there is none.
select extract(epoch from min(clock_timestamp() - seen_at))::float8 from worker;

-- name: workers
-- Workers that lived within so many seconds.
select count(*) from worker where seen_at > clock_timestamp() - make_interval(secs => $1);

-- name: oldest
-- The event that waits longest to be decided: one look at each workspace's first, however many wait.
select min(first.evt) from stream s cross join lateral (
  select u.evt from undecided u where u.workspace_id = s.workspace_id and u.waits_for is null order by u.evt limit 1
) as first;

-- name: waiting
-- Events that wait to be decided, and those that are set aside or wait behind one; counted up to a limit.
select (select count(*) from (select from undecided where waits_for is null limit $1) as part) as waiting,
       (select count(*) from (select from undecided where waits_for is not null limit $1) as part) as aside;

-- name: jobs
-- Jobs by kind that are not done, those of them that have been due so long that somebody should look, and those that were given up;
-- counted up to a limit. What is due at once, without an instant (0), may have been written just now; once it has failed it has one.
select kind, count(*) filter (where due_at <= $1) as due, count(*) filter (where due_at between 1 and $2) as late, 0::bigint as dead
from (select kind, due_at from job where done_at is null limit $3) as part group by kind
union all
select kind, 0, 0, count(*) from (select kind from job where dead limit $3) as part group by kind;

-- name: keys
-- The oldest API keys that are in use.
select id, kind, created_at from api_key where revoked_at is null order by created_at limit $1;

-- name: masters
-- Since when which master key is in use.
select id, extract(epoch from since)::float8 as since from master_key;

-- name: unsigned
-- Logs that have grown since their last signed head: how many entries, and the oldest of them.
select count(*) as logs, coalesce(sum(s.position - h.size), 0)::bigint as entries, min(first.evt) as oldest
from stream s
cross join lateral (
  select coalesce((select size from log_head h where h.workspace_id = s.workspace_id order by size desc limit 1), 0) as size
) as h
left join lateral (
  select l.evt from log l where l.workspace_id = s.workspace_id and l.position = h.size + 1 limit 1
) as first on true
where s.position > h.size;

-- name: figures
-- What was decided from one slot up to another in all workspaces whose clock is the real one, by metric.
select f.metric, sum(f.count)::bigint as count from workspace w cross join lateral (
  select r.metric, r.count from figure r
  where r.workspace_id = w.workspace_id and r.slot >= $1 and r.slot < $2 and r.basis in ('both', 'decided') offset 0
) as f
where w.clock = 'real' group by f.metric order by f.metric;

-- name: no_landing
-- Workspaces with a program that runs and no landing page at all: their links lead nowhere.
select p.workspace_id from program p
left join rule_version r on r.workspace_id = p.workspace_id and r.hash = p.versions -> -1 ->> 1
group by p.workspace_id
having bool_or(p.status = 'active') and bool_and(r.document::jsonb ->> 'landing_url' is null)
order by 1;

-- name: server
-- The server: its version as a number, its clock, and the last partition of touches.
select current_setting('server_version_num')::integer as version, extract(epoch from clock_timestamp())::float8 as now,
  (select max(inhrelid::regclass::text) from pg_inherits where inhparent = to_regclass('touch')) as partition;
