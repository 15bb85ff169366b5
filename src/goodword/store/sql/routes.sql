-- name: open
-- What is in review by each route, and of that what is behind its promised time; counted up to a limit, what is due first first.
select name, count(*)::int as count, (count(*) filter (where decide_by <= $2))::int as late from (
  select route->>1 as name, decide_by from reward
  where workspace_id = $1 and status = 'in_review' and route is not null and ($3::text[] is null or program = any($3))
  order by decide_by limit $4
) as open group by name;

-- name: decided
-- What was approved by each route since an instant: how much, how much of it late, and how many days it took.
select name, count(*)::int as count, (count(*) filter (where approved_at >= decide_by))::int as late,
  percentile_cont(array[0.5, 0.95]) within group (order by (approved_at - reviewed_at) / 86400000000.0) as days from (
  select route->>1 as name, decide_by, reviewed_at, approved_at from reward
  where workspace_id = $1 and route is not null and approved_at >= $2 and ($3::text[] is null or program = any($3))
  order by approved_at desc limit $4
) as decided group by name;

-- name: overdue
-- How many rewards of a workspace are behind their promised time, counted up to a limit.
select count(*)::int from (
  select from reward where workspace_id = $1 and status = 'in_review' and route is not null and decide_by <= $2
    and ($3::text[] is null or program = any($3)) order by decide_by limit $4
) as late;

-- name: overdue_of_all
-- The workspaces in which more than nothing is behind its promised time, by the instant up to which their logs go.
select s.workspace_id, late.count from stream s cross join lateral (
  select count(*)::int as count from (
    select from reward r where r.workspace_id = s.workspace_id and r.status = 'in_review' and r.route is not null
      and r.decide_by <= s.as_of order by r.decide_by limit $1
  ) as one
) as late where late.count > 0 order by s.workspace_id;
