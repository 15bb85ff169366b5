-- name: last
-- When each source delivered last.
select source, last_at from source where workspace_id = $1 order by source;

-- name: seen
-- These delivered then.
insert into source (workspace_id, source, last_at)
select $1, * from unnest($2::text[], $3::bigint[])
on conflict (workspace_id, source) do update set last_at = greatest(source.last_at, excluded.last_at);

-- name: add
-- So many more of each; a name that is new counts without it where a day has as many as are kept of its kind.
insert into source_count as held (workspace_id, day, source, kind, name, count)
select $1, day, source, kind, shown, sum(more) from (
  select day, source, kind, more, case
    when name = '' or exists (
      select from source_count c
      where c.workspace_id = $1 and c.day = it.day and c.source = it.source and c.kind = it.kind and c.name = it.name
    ) or (
      select count(*) from source_count c
      where c.workspace_id = $1 and c.day = it.day and c.source = it.source and c.kind = it.kind
    ) < $7 then name else '' end as shown
  from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::bigint[]) as it (day, source, kind, name, more)
) as named
group by day, source, kind, shown
order by day, source, kind, shown
on conflict (workspace_id, day, source, kind, name) do update set count = held.count + excluded.count;

-- name: since
-- What came from a day on.
select day, source, kind, name, count from source_count where workspace_id = $1 and day >= $2 order by day, source, kind, name;

-- name: gaps
-- The pauses of each source in the days up to that of its last delivery.
select c.source, c.name, sum(c.count)::bigint as count
from source s join source_count c on c.workspace_id = s.workspace_id and c.source = s.source
where s.workspace_id = $1 and c.kind = 'gap'
  and c.day <= s.last_at / 86400000000 and c.day > s.last_at / 86400000000 - $2::integer
group by c.source, c.name order by c.source, c.name;

-- name: with_old
-- Workspaces that hold counts of before that day.
select workspace_id from workspace w where exists (
  select from source_count c where c.workspace_id = w.workspace_id and c.day < $1
);

-- name: expire
-- Forget those of before that day.
delete from source_count where workspace_id = $1 and day < $2;
