-- name: lock
-- The workspace's lock, waited for; everything a decision reads is read after it.
select position, as_of, manual_now, frontier, next_due,
  (select clock from workspace where workspace_id = $1) as clock
from stream where workspace_id = $1 for no key update;

-- name: try_lock
-- The workspace's lock, if nobody has it.
select position, as_of, manual_now, frontier, next_due,
  (select clock from workspace where workspace_id = $1) as clock
from stream where workspace_id = $1 for no key update skip locked;

-- name: stream
-- The end of the log, as it was committed last.
select position, as_of, manual_now, frontier, next_due,
  (select clock from workspace where workspace_id = $1) as clock
from stream where workspace_id = $1;

-- name: advance
-- Write the end of the log, and when the next timer is due.
update stream set position = $2, as_of = $3, manual_now = $4, frontier = $5,
  next_due = (select min(due_at) from timer where workspace_id = $1)
where workspace_id = $1;

-- name: add_tiles
-- Keep full tiles of the tree.
insert into log_tile (workspace_id, tile, root, larger, hashes)
select $1, tile, substr(ends, 1, 32), substr(ends, 33), hashes
from unnest($2::bigint[], $3::bytea[], $4::bytea[]) as it (tile, ends, hashes);

-- name: add_approvals
-- Add approvals.
insert into approval (workspace_id, position, n, kind, subject, member, amount, unit, destination, list_sha256)
select $1, * from unnest($2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[],
  $9::text[], $10::text[]);

-- name: leaves
-- Entries from a position on, up to another one.
select position, leaf from log where workspace_id = $1 and position >= $2 and position <= $3 order by position;

-- name: leaf_at
-- One entry.
select leaf from log where workspace_id = $1 and position = $2;

-- name: leaves_at
-- The entries at some positions.
select found.leaf from unnest($2::bigint[]) as wanted (position)
cross join lateral (select leaf from log where workspace_id = $1 and position = wanted.position offset 0) as found;

-- name: leaf_of
-- The entry of an event.
select leaf from log where workspace_id = $1 and evt = $2;

-- name: leaves_of
-- The entries of some events.
select found.evt, found.leaf from unnest($2::text[]) as wanted (evt)
cross join lateral (select evt, leaf from log where workspace_id = $1 and evt = wanted.evt offset 0) as found;

-- name: matching
-- The newest entries of a range of positions, the last not included, that hold all of these bytes: a look through the range, no more.
select it.position, it.leaf
from (
  select position, leaf from log where workspace_id = $1 and position >= $2 and position < $3 order by position desc
) as it
where not exists (select from unnest($4::bytea[]) as wanted (part) where position(wanted.part in it.leaf) = 0)
order by it.position desc limit $5;

-- name: rows
-- Entries from a position on with the evt they are found by, for verification.
select position, evt, leaf from log where workspace_id = $1 and position >= $2 order by position limit $3;

-- name: ends
-- The roots of the full subtrees that end with some tiles.
select found.tile, found.ends from unnest($2::bigint[]) as wanted (tile)
cross join lateral (select tile, root || larger as ends from log_tile where workspace_id = $1 and tile = wanted.tile offset 0) as found;

-- name: tiles
-- Some tiles' leaf hashes.
select found.tile, found.hashes from unnest($2::bigint[]) as wanted (tile)
cross join lateral (select tile, hashes from log_tile where workspace_id = $1 and tile = wanted.tile offset 0) as found;

-- name: every_tile
-- All tiles, for verification.
select tile, root || larger as ends, hashes from log_tile where workspace_id = $1 order by tile;

-- name: every_posting
-- All postings, for verification.
select position, n, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward
from posting where workspace_id = $1 order by position, n;

-- name: every_approval
-- All approvals, for verification.
select position, n, kind, subject, member, amount, unit, destination, list_sha256
from approval where workspace_id = $1 order by position, n;

-- name: add_head
-- Keep a signed head.
insert into log_head (workspace_id, size, root, as_of, signature, public) values ($1, $2, $3, $4, $5, $6)
on conflict (workspace_id, size) do nothing;

-- name: last_head
-- The newest signed head.
select size, root, as_of, signature, public from log_head where workspace_id = $1 order by size desc limit 1;

-- name: every_head
-- All signed heads, for verification.
select size, root, as_of, signature, public from log_head where workspace_id = $1 order by size;
