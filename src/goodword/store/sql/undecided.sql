-- name: fetch
-- Events that wait to be decided, in order of acceptance, behind those that are set aside or wait for one of them. Each half is in
-- the order of the one index that suits it, so that no plan reads what it does not give.
(
  select source, id, evt, body, waits_for, trace from undecided
  where workspace_id = $1 and waits_for is not null
  order by waits_for, evt
)
union all (
  select source, id, evt, body, waits_for, trace from undecided
  where workspace_id = $1 and waits_for is null
  order by evt limit $2
);

-- name: newest
-- The newest event that waits to be decided and not for another.
select evt from undecided where workspace_id = $1 and waits_for is null order by evt desc limit 1;

-- name: until
-- Whether an event up to this one waits to be decided, and not for another.
select exists (select from undecided where workspace_id = $1 and waits_for is null and evt <= $2);

-- name: aside
-- Events that are set aside and those that wait behind them.
select source, id, evt, body, waits_for, trace from undecided
where workspace_id = $1 and waits_for is not null
order by evt;

-- name: newest_of_all
-- What is not decided, the newest first.
select source, id, evt, body, waits_for, trace from undecided where workspace_id = $1 order by evt desc limit $2;

-- name: newest_aside
-- What is set aside and what waits behind it, by what it waits for, the newest first, behind one.
select source, id, evt, body, waits_for, trace from undecided
where workspace_id = $1 and waits_for is not null and (waits_for, evt) < ($2, $3)
order by waits_for desc, evt desc limit $4;

-- name: one
-- An event that is not decided yet.
select source, id, evt, body, waits_for, trace from undecided where workspace_id = $1 and evt = $2;

-- name: decided
-- These wait no longer.
delete from undecided where workspace_id = $1 and evt = any($2::text::text[]);

-- name: set_aside
-- Quarantine: events whose decision failed (they wait for themselves, with the trace) and those behind them.
update undecided set waits_for = aside.waits_for, trace = aside.trace
from unnest($2::text[], $3::text[], $4::text[]) as aside (evt, waits_for, trace)
where undecided.workspace_id = $1 and undecided.evt = aside.evt;

-- name: release
-- End of a quarantine: the event and those behind it wait to be decided again.
update undecided set waits_for = null, trace = null where workspace_id = $1 and waits_for = $2;

-- name: add
-- Set aside an event that did not come through the inbox: that of a timer.
with new as (
  insert into event (workspace_id, source, id, evt, type, content) values ($1, $2, $3, $4, $5, '')
)
insert into undecided (workspace_id, evt, source, id, body, waits_for, trace) values ($1, $4, $2, $3, $6, $7, $8);

-- name: every
-- What is not decided, with its event, for verification.
select u.evt, u.source, u.id, u.body, e.evt as known, l.position
from undecided u
left join event e on e.workspace_id = $1 and e.source = u.source and e.id = u.id
left join log l on l.workspace_id = $1 and l.evt = u.evt
where u.workspace_id = $1 order by u.evt;

-- name: inbox
-- Everything that was accepted, and whether it waits or stands in the log, for verification, piece by piece.
select evt, source, id, type, content,
  exists (select from log l where l.workspace_id = $1 and l.evt = event.evt)
  or exists (select from undecided u where u.workspace_id = $1 and u.evt = event.evt) as placed
from event where workspace_id = $1 and (source, id) > ($2, $3)
order by source, id limit $4;
