-- name: add
-- Work to do after this commit.
insert into job (workspace_id, id, kind, subject, queue, priority, payload, due_at)
select $1, job.id, job.kind, job.subject, job.queue, job.priority, job.payload, $8
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::jsonb[])
  as job (id, kind, subject, queue, priority, payload)
on conflict (workspace_id, id) do nothing;

-- name: lease
-- Take work of one kind that is due and that nobody has or whose worker did not come back: urgent first, then by due date.
update job set leased_until = $5, attempts = attempts + 1
where workspace_id = $1 and id = any (array(
  select due.id from (values (2), (1), (0)) as level (priority)  -- read in this order, and no further than the limit
  cross join lateral (
    select id from job
    where workspace_id = $1 and queue = $2 and kind = $3 and priority = level.priority
    and done_at is null and due_at <= $4 and (leased_until is null or leased_until <= $4)
    order by due_at limit $6 for update skip locked
  ) as due
  limit $6
))
returning id, kind, subject, attempts, payload, leased_until;

-- name: done
-- The work is done, by who had it last.
update job set done_at = $4, leased_until = null, error = null
from unnest($2::text[], $3::bigint[]) as mine (id, until)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.leased_until = mine.until;

-- name: failed
-- The work failed; it is due again later, or given up: then it stays with its error.
update job set due_at = mine.due_at, leased_until = null, error = mine.error, done_at = mine.dead_at, dead = mine.dead_at is not null
from unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) as mine (id, until, due_at, error, dead_at)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.leased_until = mine.until;

-- name: give_back
-- The work was not begun; it is due as it was.
update job set leased_until = null, attempts = job.attempts - 1
from unnest($2::text[], $3::bigint[]) as mine (id, until)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.leased_until = mine.until;

-- name: stuck
-- Work of one kind about a subject that is not done, or was given up: by its last error, how much, and since when by its payload.
select error, count(*) as jobs, min(since) as since from (
  select error, (payload ->> 'at')::bigint as since from job
  where workspace_id = $1 and queue = $2 and kind = $3 and subject = $4 and done_at is null
  union all
  select error, (payload ->> 'at')::bigint from job where workspace_id = $1 and kind = $3 and subject = $4 and dead
) as part
group by error order by min(since), error;

-- name: again
-- The same is due now, and has all of its tries before it; what somebody has in hand ends as it ends.
update job set due_at = $4, attempts = 0, done_at = null, dead = false
where workspace_id = $1 and kind = $2 and subject = $3 and leased_until is null and (done_at is null or dead);

-- name: prune
-- Forget work that was done long ago, some of it; what was given up stays.
delete from job where workspace_id = $1 and id = any (array(
  select id from job where workspace_id = $1 and done_at < $2 and not dead order by done_at limit $3
));

-- name: unsent
-- Work of one kind that was tried in vain, or was given up, of all workspaces: how much, and the last error.
select count(*) as jobs, max(error) as error from job where queue = $1 and kind = $1 and error is not null and (done_at is null or dead);
