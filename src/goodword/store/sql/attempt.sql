-- name: take
-- A try is made, unless it is too early; counted before it is looked at, so that many at once are many.
insert into attempt (key, failed, until, at) values ($1, 1, 0, $2)
on conflict (key) do update set
  failed = case when attempt.at < $2 - $5 then 1 else attempt.failed + 1 end,
  until = case
    when attempt.at < $2 - $5 or attempt.failed + 1 < $3 then 0
    else $2 + least($4, 1000000 * (2 ^ least(attempt.failed + 1 - $3, 20))::bigint)
  end,
  at = $2
where attempt.until <= $2
returning failed;

-- name: paced
-- A try at a pace is made, unless so many came at once that it is too early. ``until`` is until when those that were made are paid for by time.
insert into attempt (key, failed, until, at) values ($1, 1, $2::bigint + $3::bigint, $2)
on conflict (key) do update set failed = attempt.failed + 1, until = greatest(attempt.until, $2) + $3, at = $2
where greatest(attempt.until, $2) + $3 <= $2 + $3 * $4::bigint
returning failed;

-- name: until
-- When the next one is looked at.
select until from attempt where key = $1;

-- name: lock
-- Everybody locks in the order of keys: who counts a try takes them one by one, and two orders would wait for one another.
select from attempt where key = any ($1::bytea[]) order by key for update;

-- name: right
-- It was right: nothing is counted any more.
delete from attempt where key = any ($1::bytea[]);

-- name: back
-- It was right: it alone is not counted.
update attempt set failed = failed - 1, until = 0 where key = any ($1::bytea[]);

-- name: old
-- Those of before are forgotten; one that somebody is counting is left.
delete from attempt where key in (select key from attempt where at < $1 for update skip locked);
