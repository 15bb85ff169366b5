-- name: load
-- Those with these keys.
select id, person, at, program, visitor, click, code, link_code, unverified
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from lead as it where it.workspace_id = $1 and it.id = wanted.key order by it.id limit 1
) as found;

-- name: save
-- Write them whole, new or not.
insert into lead (
  workspace_id, id, person, at, program, visitor, click, code, link_code, unverified
)
select $1, * from unnest(
  $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::boolean[]
)
on conflict (workspace_id, id) do update set
  person = excluded.person, at = excluded.at, program = excluded.program, visitor = excluded.visitor,
  click = excluded.click, code = excluded.code, link_code = excluded.link_code, unverified = excluded.unverified;

-- name: every
-- The whole noun, for verification.
select id, person, at, program, visitor, click, code, link_code, unverified
from lead where workspace_id = $1 order by id;
