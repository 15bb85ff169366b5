-- Why: who entered payment details may not approve or release what goes there, and a rail that is called answers for itself.

alter table payee add column entered_by jsonb not null default '[]', alter column entered_by set statistics 10;
alter table payout add column manual boolean not null default true, alter column manual set statistics 10;

-- Who entered the details of today stands in the log: all members and keys since the last other details, in order.
with said as (
  select workspace_id, log.position, entry -> 'event' ->> 'person' as person,
         entry -> 'event' ->> 'destination' as destination, entry -> 'event' ->> 'rail' as rail,
         entry -> 'facts' -> 'actor' ->> 'id' as actor
  from log cross join lateral (select convert_from(leaf, 'UTF8')::jsonb as entry) as read
  where position('"payee.set"'::bytea in leaf) > 0
    and entry -> 'event' ->> 'type' = 'payee.set'
    and entry -> 'verdicts' -> 0 ->> 'outcome' = 'payee_set'
),
since as (
  select p.workspace_id, p.person, coalesce(max(s.position), 0) as position
  from payee p
  left join said s on s.workspace_id = p.workspace_id and s.person = p.person
    and (s.rail, s.destination) <> (p.rail, p.destination)
  group by p.workspace_id, p.person
),
entered as (
  select s.workspace_id, s.person, s.actor, min(s.position) as position
  from said s join since on since.workspace_id = s.workspace_id and since.person = s.person
  where s.position > since.position
  group by s.workspace_id, s.person, s.actor
)
update payee p
set entered_by = (
  select coalesce(jsonb_agg(e.actor order by e.position), '[]') from entered e
  where e.workspace_id = p.workspace_id and e.person = p.person
);
