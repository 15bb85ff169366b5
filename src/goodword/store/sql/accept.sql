-- name: known
-- Which of these ids were accepted before, and as what.
select found.source, found.id, found.evt, found.content
from unnest($2::text::text[], $3::text::text[]) as wanted (source, id)
cross join lateral (
  select * from event as it where it.workspace_id = $1 and it.source = wanted.source and it.id = wanted.id
  order by it.id limit 1
) as found;

-- name: add
-- New events, to be decided.
with said as (
  select * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[])
    as said (source, id, evt, type, content, body)
), new as (
  insert into event (workspace_id, source, id, evt, type, content) select $1, source, id, evt, type, content from said
)
insert into undecided (workspace_id, evt, source, id, body) select $1, evt, source, id, body from said;

-- name: body
-- An event that waits to be decided.
select body from undecided where workspace_id = $1 and evt = $2;

-- name: keep
-- Keep a command by its id: it is decided in the same transaction.
insert into event (workspace_id, source, id, evt, type, content) values ($1, $2, $3, $4, $5, $6);

-- name: programs
-- Programs by the name that events give them.
select slug, id from program where workspace_id = $1 and slug = any($2::text[]);

-- name: documents
-- All rules that were published; they declare the traits that may stand in the log.
select document from rule_version where workspace_id = $1;
