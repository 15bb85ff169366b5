-- name: of_persons
-- The disputes and claims of somebody under all of their ids before one of them, the newest first: ids tell when.
select id from (
  (select id from "case" where workspace_id = $1 and person = any($4::text[]) and ($3 = '' or substr(id, 5) < $3)
   order by substr(id, 5) desc limit $2)
  union all
  (select id from claim where workspace_id = $1 and entered_by = any($4) and entered_by like 'per\_%' and ($3 = '' or substr(id, 5) < $3)
   order by substr(id, 5) desc limit $2)
) found order by substr(id, 5) desc limit $2;

-- name: waiting
-- Those of all persons that are not decided, the oldest first.
select id from (
  select id from "case" where workspace_id = $1 and person is not null and status in ('open', 'appealed')
    and ($3::text[] is null or program = any($3))
  union all
  select id from claim where workspace_id = $1 and entered_by like 'per\_%' and status in ('open', 'appealed')
    and ($3::text[] is null or program = any($3))
) found order by substr(id, 5) limit $2;
