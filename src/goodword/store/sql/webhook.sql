-- name: add
-- An endpoint begins, at the end of the log.
insert into webhook (workspace_id, id, url, description, types, programs, status, secrets, made_by, made_at, position)
select $1, $2, $3, $4, $5::jsonb, $6::jsonb, 'active', $7, $8, $9, s.position from stream s where s.workspace_id = $1;

-- name: every
-- All endpoints, the oldest first, and how long the log is.
select w.id, w.url, w.description, w.types, w.programs, w.status, w.reason, w.secrets, w.made_by, w.made_at, w.position, w.replay_after,
  w.replay_to, w.failures, w.rests_until, w.leased_until, s.position as "end"
from webhook w join stream s on s.workspace_id = w.workspace_id where w.workspace_id = $1 and ($2::text is null or w.id = $2) order by w.id;

-- name: set
-- What an endpoint is; what it is told goes on where it was.
update webhook set url = $3, description = $4, types = $5::jsonb, programs = $6::jsonb, secrets = $7, status = $8, reason = $9,
  failures = 0, rests_until = 0 where workspace_id = $1 and id = $2;

-- name: remove
-- An endpoint ends.
delete from webhook where workspace_id = $1 and id = $2;

-- name: forget
-- What is kept of the deliveries of an endpoint.
delete from webhook_delivery where workspace_id = $1 and webhook = $2;

-- name: replay
-- Tell an endpoint the entries behind one once more, up to the last of which it was told; nothing if it is told some once more by now.
update webhook set replay_after = $3, replay_to = position, failures = 0, rests_until = 0
where workspace_id = $1 and id = $2 and replay_after is null;

-- name: due
-- Endpoints of which something may be done now, and whether that is more than to read on.
select w.workspace_id, w.id, w.failures > 0 as failing, w.failures > 0 or w.replay_after is not null or d.due as apart
from webhook w join stream s on s.workspace_id = w.workspace_id
cross join lateral (select coalesce((
  select true from webhook_delivery d
  where d.workspace_id = w.workspace_id and d.webhook = w.id and d.state = 'waiting' and d.due_at <= $1 order by d.due_at limit 1
), false) as due) d
where w.status = 'active' and w.leased_until <= $1 and w.rests_until <= $1
  and (s.position > w.position or w.replay_after is not null or d.due);

-- name: pass_over
-- Nothing up to an entry is for these endpoints, if they stand where they stood, are told what they were told, and nobody has them in hand.
update webhook w set position = $2 from unnest($4::text[], $5::bigint[], $6::text[], $7::text[]) as it (id, position, types, programs)
where w.workspace_id = $1 and w.id = it.id and w.position = it.position and w.types = it.types::jsonb
  and w.programs = it.programs::jsonb and w.status = 'active' and w.leased_until <= $3;

-- name: lease
-- Take an endpoint in hand, unless somebody has it, it rests or it is paused.
update webhook set leased_until = $4
where workspace_id = $1 and id = $2 and status = 'active' and leased_until <= $3 and rests_until <= $3
returning id, url, description, types, programs, status, reason, secrets, made_by, made_at, position, replay_after,
  replay_to, failures, rests_until, leased_until, 0::bigint as "end";

-- name: settle
-- How far an endpoint was told, by who has it in hand. What was asked to be told once more meanwhile stays.
update webhook set position = $4, failures = $7, rests_until = $8, leased_until = 0,
  replay_after = case when replay_after is not distinct from $5 then $6 else replay_after end
where workspace_id = $1 and id = $2 and leased_until = $3;

-- name: pause
-- An endpoint is told nothing more for now.
update webhook set status = 'paused', reason = $3 where workspace_id = $1 and id = $2 and status = 'active';

-- name: wake
-- An endpoint rests no more.
update webhook set failures = 0, rests_until = 0 where workspace_id = $1 and id = $2;

-- name: rest
-- An endpoint rests until the next of its deliveries is due.
update webhook w set rests_until = coalesce((
  select d.due_at from webhook_delivery d
  where d.workspace_id = w.workspace_id and d.webhook = w.id and d.state = 'waiting' order by d.due_at limit 1
), 0) where w.workspace_id = $1 and w.id = $2;

-- name: tests
-- How many tests wait: they have no position.
select count(*) from webhook_delivery where workspace_id = $1 and webhook = $2 and state = 'waiting' and position = 0;

-- name: waiting
-- Deliveries that are due, those that wait longest first.
select id, type, position, attempts, first_at from webhook_delivery
where workspace_id = $1 and webhook = $2 and state = 'waiting' and due_at <= $3 order by due_at limit $4;

-- name: counts
-- How many deliveries are tried again, were given up, and are kept of those that arrived.
select state, count(*) as count from webhook_delivery where workspace_id = $1 and webhook = $2 group by state;

-- name: keep
-- What came of deliveries.
insert into webhook_delivery
  (workspace_id, webhook, id, state, type, position, attempts, first_at, last_at, due_at, answered, took, answer)
select $1, $2, it.* from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::integer[], $8::bigint[], $9::bigint[],
  $10::bigint[], $11::integer[], $12::integer[], $13::text[])
  as it (id, state, type, position, attempts, first_at, last_at, due_at, answered, took, answer)
on conflict (workspace_id, webhook, id) do update set state = excluded.state, attempts = excluded.attempts,
  first_at = excluded.first_at, last_at = excluded.last_at, due_at = excluded.due_at, answered = excluded.answered, took = excluded.took,
  answer = excluded.answer;

-- name: drop
-- Deliveries of which nothing is kept.
delete from webhook_delivery where workspace_id = $1 and webhook = $2 and id = any($3);

-- name: bound
-- Forget what arrived, but for the last of it.
delete from webhook_delivery where workspace_id = $1 and webhook = $2 and state = 'delivered' and id in (
  select id from webhook_delivery where workspace_id = $1 and webhook = $2 and state = 'delivered' order by due_at desc offset $3
);

-- name: page
-- Deliveries of an endpoint, the newest first, behind one; all or of one state.
select id, state, type, position, attempts, first_at, last_at, due_at, answered, took, answer from webhook_delivery
where workspace_id = $1 and webhook = $2 and id < $3 and ($4 = '' or state = $4) order by id desc limit $5;

-- name: again
-- Try deliveries once more, now, as if for the first time: one, or all that were given up.
update webhook_delivery set state = 'waiting', attempts = 0, first_at = $4, due_at = $4
where workspace_id = $1 and webhook = $2 and ($3 = '' and state = 'dead' or id = $3);
