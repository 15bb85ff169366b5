-- name: host
-- The workspace that answers for a host.
select workspace_id from directory where host = $1;

-- name: link
-- A code and the landing page of its program's latest rules; a code that nobody owns yet has none.
select a.id as code, r.document::jsonb ->> 'landing_url' as landing
from alias a
left join code c on c.workspace_id = $1 and c.id = a.id
left join program p on p.workspace_id = $1 and p.id = c.program
left join rule_version r on r.workspace_id = $1 and r.hash = p.versions -> -1 ->> 1
where a.workspace_id = $1 and a.kind = 'code' and a.blind = $2;

-- name: landing
-- The page for whatever belongs to no program: that of the oldest active program that has one.
select r.document::jsonb ->> 'landing_url' as landing
from program p
join rule_version r on r.workspace_id = $1 and r.hash = p.versions -> -1 ->> 1
where p.workspace_id = $1 and r.document::jsonb ->> 'landing_url' is not null
order by p.status = 'active' desc, p.id
limit 1;

-- name: add_block
-- What one flush stored, with its digest, its clicks and the event that takes it into the log; nothing if it was stored before,
-- by a flush whose answer was lost. One statement, so that a click waits for one way to the database and back.
with block as (
  insert into touch_block (workspace_id, id, stored_at, count, digest) values ($1, $2, $3, cardinality($6::text[]), $5)
  on conflict (workspace_id, id) do nothing
  returning id
), clicks as (
  insert into touch (workspace_id, stored_at, id, code, at, bot, block)
  select $1, $4, clicked.id, clicked.code, clicked.at, clicked.bot, block.id
  from block, unnest($6::text[], $7::text[], $8::bigint[], $9::boolean[]) as clicked (id, code, at, bot)
), told as (
  insert into event (workspace_id, source, id, evt, type, content)
  select $1, $10, block.id, $11, $12, $13 from block
)
insert into undecided (workspace_id, evt, source, id, body) select $1, $11, $10, block.id, $14 from block;
