-- name: of_visitors
-- The touches of these visitors stored since an instant, the newest of each, in the order in which they were stored.
select found.id, found.code, found.at, found.visitor, found.device, found.bot, found.block, found.stored_at, found.evt
from unnest($2::text[]) as wanted (visitor)
cross join lateral (
  select * from touch as it
  where it.workspace_id = $1 and it.visitor = wanted.visitor and it.stored_at >= $3 and it.stored_at < $4
  order by it.stored_at desc, it.evt desc
  limit $6
) as found
order by found.stored_at, found.evt, found.id
limit $5;

-- name: oldest_of_visitors
-- The oldest touches of each of these visitors stored since an instant, in the order in which they were stored.
select found.id, found.code, found.at, found.visitor, found.device, found.bot, found.block, found.stored_at, found.evt
from unnest($2::text[]) as wanted (visitor)
cross join lateral (
  select * from touch as it
  where it.workspace_id = $1 and it.visitor = wanted.visitor and it.stored_at >= $3 and it.stored_at < $4
  order by it.stored_at, it.evt
  limit $6
) as found
order by found.stored_at, found.evt, found.id
limit $5;

-- name: by_id
-- The touches with these ids stored since an instant, in the order in which they were stored.
select id, code, at, visitor, device, bot, block, stored_at, evt
from touch
where workspace_id = $1 and id = any($2::text[]) and stored_at >= $3 and stored_at < $4
order by stored_at, evt, id
limit $5;

-- name: save
-- Store the touches that events brought; the partition is that of the real time.
insert into touch (workspace_id, stored_at, id, code, at, visitor, device, bot, evt)
select $1, $2, * from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::boolean[], $9::text[])
on conflict do nothing;

-- name: every
-- All touches in order of id, for verification.
select id, code, at, visitor, device, bot, block, evt
from touch
where workspace_id = $1
order by id, stored_at;

-- name: every_block
-- What was said of every block of the redirect's touches, for verification.
select id, count, digest from touch_block where workspace_id = $1;
