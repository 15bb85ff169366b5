-- name: host
-- The workspace that answers for a host.
select workspace_id from directory where host = $1;

-- name: link
-- The code that is meant and the landing page of its program's latest rules; a code that nobody owns yet has none. Meant is the one that
-- is called so, if somebody owns it, else the one that looks like it.
select meant.code, r.document ->> 'landing_url' as landing, coalesce(r.document -> 'sharing' ->> 'landing' = 'page', false) as page
from (
  select
    (select id from alias where workspace_id = $1 and kind = 'code' and blind = $2) as called,
    (select id from alias where workspace_id = $1 and kind = 'code' and blind = $3) as looked
  offset 0
) as found
cross join lateral (
  select coalesce(
    (select c.id from code c where c.workspace_id = $1 and c.id = found.called and c.person is not null),
    (select coalesce(c.means, case when c.person is not null then c.id end) from code c where c.workspace_id = $1 and c.id = found.looked),
    found.called
  ) as code
  offset 0
) as meant
left join lateral (select program from code where workspace_id = $1 and id = meant.code offset 0) as c on true
left join lateral (select versions -> -1 ->> 1 as hash from program where workspace_id = $1 and id = c.program offset 0) as p on true
left join lateral (
  select document::jsonb as document from rule_version where workspace_id = $1 and hash = p.hash offset 0
) as r on true
where meant.code is not null;

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

-- name: add_views
-- So often pages were opened; of all workspaces together.
insert into page_view as held (workspace_id, code, day, people, bots)
select * from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[])
on conflict (workspace_id, code, day) do update set people = held.people + excluded.people, bots = held.bots + excluded.bots
returning workspace_id, code, day, people;

-- name: days
-- How often the pages of codes were opened by people, by day, the newest first.
select day, sum(people)::bigint as people from page_view
where workspace_id = $1 and code = any ($2::text[]) and people > 0 group by day order by day desc limit $3;

-- name: views
-- How often the pages of codes were opened.
select coalesce(sum(people), 0)::bigint as people, coalesce(sum(bots), 0)::bigint as bots
from page_view where workspace_id = $1 and code = any ($2::text[]);
