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

-- name: add_touches
-- Clicks of the redirect, by block.
insert into touch (workspace_id, stored_at, id, code, at, bot, block)
select $1, $2, id, code, at, bot, $3
from unnest($4::text[], $5::text[], $6::bigint[], $7::boolean[]) as clicked (id, code, at, bot);

-- name: add_block
-- What one flush stored, with its digest; nothing if it was stored before, by a flush whose answer was lost.
insert into touch_block (workspace_id, id, stored_at, count, digest) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, id) do nothing;
