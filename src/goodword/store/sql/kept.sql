-- name: set_days
-- For how many days what a source delivers is kept.
insert into source_keeping (workspace_id, source, days) values ($1, $2, $3)
on conflict (workspace_id, source) do update set days = excluded.days;

-- name: keeping
-- What is kept of a source, and how far it was sent again.
select k.days, k.bytes, k.dropped, k.resend::text as resend, d.count, d.first from source_keeping k, lateral (
  select count(*) as count, min(at) as first from kept_delivery d where d.workspace_id = $1 and d.source = $2
) d where k.workspace_id = $1 and k.source = $2;

-- name: more
-- So many bytes more, of a source of which anything is kept: until the commit nobody else adds or takes anything.
update source_keeping set bytes = bytes + $3 where workspace_id = $1 and source = $2 and days > 0 returning bytes;

-- name: key
-- The key of a day.
select sealed from kept_key where workspace_id = $1 and day = $2 for key share;

-- name: opening_key
-- The key of a day, to look at what came on it.
select sealed from kept_key where workspace_id = $1 and day = $2;

-- name: add_key
-- A key for a day that has none.
insert into kept_key (workspace_id, day, sealed) values ($1, $2, $3) on conflict (workspace_id, day) do nothing;

-- name: add
-- What came.
insert into kept_delivery (workspace_id, source, id, at, sender, bytes, sealed)
select $1, $2, * from unnest($3::text[], $4::bigint[], $5::text[], $6::integer[], $7::bytea[]);

-- name: trim
-- Let the oldest go until no more than so many bytes are left.
with held as (
  select id, bytes, sum(bytes) over (order by id desc) as with_newer from kept_delivery where workspace_id = $1 and source = $2
), gone as (
  delete from kept_delivery d using held h
  where d.workspace_id = $1 and d.source = $2 and d.id = h.id and h.with_newer > $3 returning d.bytes
)
update source_keeping k set bytes = k.bytes - g.bytes, dropped = k.dropped + g.count
from (select coalesce(sum(bytes), 0) as bytes, count(*) as count from gone) g
where k.workspace_id = $1 and k.source = $2;

-- name: behind
-- What is kept behind an id and up to another, not older than that, in order of arrival.
select id, at, sender, sealed from kept_delivery
where workspace_id = $1 and source = $2 and id > $3 and id <= $4 and at >= $5 order by id limit $6;

-- name: before
-- The newest before an id, not older than that.
select id, at, sender, sealed from kept_delivery
where workspace_id = $1 and source = $2 and id < $3 and at >= $4 order by id desc limit $5;

-- name: is_there
-- Whether one is still kept.
select exists (select from kept_delivery where workspace_id = $1 and source = $2 and id = $3);

-- name: span
-- How many there are since then, and the last of them.
select count(*) as count, coalesce(max(id), '') as last from kept_delivery where workspace_id = $1 and source = $2 and at >= $3;

-- name: lock
-- Nobody adds or takes anything until the commit.
select from source_keeping where workspace_id = $1 order by source for update;

-- name: forget
-- All that is kept of a workspace, or of one of its sources.
delete from kept_delivery where workspace_id = $1 and ($2 = '' or source = $2);

-- name: empty
-- Of these nothing is kept any more.
update source_keeping set bytes = 0 where workspace_id = $1 and ($2 = '' or source = $2);

-- name: forget_keys
-- The keys of all days.
delete from kept_key where workspace_id = $1;

-- name: resend
-- How far it was sent again.
update source_keeping set resend = $3::jsonb where workspace_id = $1 and source = $2;

-- name: every
-- Sources of which anything is or was kept, in all workspaces.
select workspace_id, source, days from source_keeping where days > 0 or bytes > 0 order by workspace_id, source;

-- name: expire
-- Let go what came before then.
delete from kept_delivery where workspace_id = $1 and source = $2 and at < $3;

-- name: counted
-- Say anew how much is left: a database that was restored has none of it.
update source_keeping set bytes = (
  select coalesce(sum(d.bytes), 0) from kept_delivery d where d.workspace_id = $1 and d.source = $2
) where workspace_id = $1 and source = $2;

-- name: expire_keys
-- Throw away the keys of days of which nothing is kept any more.
delete from kept_key k where k.workspace_id = $1 and k.day < $2 and not exists (
  select from kept_delivery d where d.workspace_id = $1 and d.at >= k.day * 86400000000 and d.at < (k.day + 1) * 86400000000
);
