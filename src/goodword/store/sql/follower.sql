-- name: lock
-- How far a follower is; nothing if it has not begun, or somebody else moves it.
select position from follower where workspace_id = $1 and follower = $2 for update skip locked;

-- name: begin
-- A follower begins; nothing if it has begun.
insert into follower (workspace_id, follower, position) values ($1, $2, 0) on conflict do nothing returning position;

-- name: move
-- The entries up to this one are taken.
update follower set position = $3 where workspace_id = $1 and follower = $2;

-- name: position
-- How far a follower was when that was committed last.
select position from follower where workspace_id = $1 and follower = $2;

-- name: next
-- The entries behind a position, in order: so many at most, and so many bytes, or a single one.
select leaf from (
  select position, leaf, sum(octet_length(leaf)) over (order by position) as bytes from log
  where workspace_id = $1 and position > $2 and position <= $2 + $3
) as found
where bytes <= $4 or position = $2 + 1 order by position;

-- name: evt_at
-- Which event an entry is of.
select evt from log where workspace_id = $1 and position = $2;

-- name: behind
-- Followers, of those asked for, that have not taken the whole log: how far they are, where it ends, and the first that they lack.
select s.workspace_id, f.name, coalesce(c.position, 0) as position, s.position as "end",
  (select l.evt from log l where l.workspace_id = s.workspace_id and l.position = coalesce(c.position, 0) + 1) as evt
from stream s cross join unnest($1::text[]) as f (name)
left join follower c on c.workspace_id = s.workspace_id and c.follower = f.name
where s.position > coalesce(c.position, 0) and ($2::text is null or s.workspace_id = $2);

-- name: wait
-- Wait until nobody else moves a follower.
select from follower where workspace_id = $1 and follower = $2 for update;
