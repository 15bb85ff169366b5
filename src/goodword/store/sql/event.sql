-- name: undecided
-- Events that wait to be decided, in order of acceptance, behind those that are set aside or wait for one of them.
(
  select source, id, evt, body, waits_for, trace from event
  where workspace_id = $1 and position is null and waits_for is not null
  order by evt
)
union all (
  select source, id, evt, body, waits_for, trace from event
  where workspace_id = $1 and position is null and waits_for is null
  order by evt limit $2
);

-- name: waiting
-- Events that are set aside and those that wait behind them.
select source, id, evt, body, waits_for, trace from event
where workspace_id = $1 and position is null and waits_for is not null
order by evt;

-- name: decided
-- Give events their log positions.
update event set position = found.position, waits_for = null, trace = null
from (
  select row.ctid, done.position
  from unnest($2::text[], $3::text[], $4::bigint[]) as done (source, id, position)
  cross join lateral (
    select ctid from event as it where it.workspace_id = $1 and it.source = done.source and it.id = done.id
    order by it.id limit 1
  ) as row
) as found
where event.workspace_id = $1 and event.ctid = found.ctid;

-- name: set_aside
-- Quarantine: events whose decision failed (they wait for themselves, with the trace) and those behind them.
update event set waits_for = aside.waits_for, trace = aside.trace
from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as aside (source, id, waits_for, trace)
where event.workspace_id = $1 and event.source = aside.source and event.id = aside.id;

-- name: release
-- End of a quarantine: the event and those behind it wait to be decided again.
update event set waits_for = null, trace = null
where workspace_id = $1 and position is null and waits_for = $2;

-- name: add
-- Store an event that did not come through the inbox: a command with its log position, or a timer that is set aside.
insert into event (workspace_id, source, id, evt, type, content, body, position, waits_for, trace)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: find
-- An event by the id its sender gave it.
select evt, content, position from event where workspace_id = $1 and source = $2 and id = $3;

-- name: positions
-- Where decided events stand in the log, for verification.
select position, evt from event where workspace_id = $1 and position is not null;

-- name: undecided_evts
-- Events without a position, for verification.
select id, source from event where workspace_id = $1 and position is null;
