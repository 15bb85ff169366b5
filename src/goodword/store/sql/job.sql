-- name: add
-- Work to do after this commit.
insert into job (workspace_id, id, kind, subject, due_at)
select $1, job.id, job.kind, job.subject, $5 from unnest($2::text[], $3::text[], $4::text[]) as job (id, kind, subject)
on conflict (workspace_id, id) do nothing;

-- name: lease
-- Take work of one kind, that of what is due first, that nobody has or whose worker did not come back.
update job set leased_until = $3, attempts = attempts + 1
where workspace_id = $1 and id = any (array(
  select id from job
  where workspace_id = $1 and done_at is null and due_at <= $2 and (leased_until is null or leased_until <= $2)
  and kind = (
    select kind from job
    where workspace_id = $1 and done_at is null and due_at <= $2 and (leased_until is null or leased_until <= $2)
    order by due_at, id limit 1
  )
  order by due_at, id limit $4 for update skip locked
))
returning id, kind, subject, attempts;

-- name: done
-- The work is done, by who had it last.
update job set done_at = $4, leased_until = null, error = null
from unnest($2::text[], $3::integer[]) as mine (id, attempts)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.attempts = mine.attempts;

-- name: failed
-- The work failed; it is due again later.
update job set due_at = mine.due_at, leased_until = null, error = mine.error
from unnest($2::text[], $3::integer[], $4::bigint[], $5::text[]) as mine (id, attempts, due_at, error)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.attempts = mine.attempts;

-- name: give_back
-- The work was not begun; it is due as it was.
update job set leased_until = null, attempts = job.attempts - 1
from unnest($2::text[], $3::integer[]) as mine (id, attempts)
where job.workspace_id = $1 and job.id = any($2) and job.id = mine.id and job.attempts = mine.attempts;
