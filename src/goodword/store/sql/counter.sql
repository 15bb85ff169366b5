-- name: load
-- Those with these keys.
select found.program, found.person, found.kind, found.period, found.count, found.amounts, found.days
from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as key (program, person, kind, period)
cross join lateral (
  select * from counter as it
  where workspace_id = $1 and it.program = key.program and it.person = key.person and it.kind = key.kind and it.period = key.period
  limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into counter (
  workspace_id, program, person, kind, period, count, amounts, days
)
select $1, program, person, kind, period, count, amounts, days
from json_populate_recordset(null::counter, $2)
on conflict (workspace_id, program, person, kind, period) do update set
  count = excluded.count, amounts = excluded.amounts, days = excluded.days;

-- name: every
-- The whole noun, for verification.
select program, person, kind, period, count, amounts, days
from counter where workspace_id = $1 order by program, person, kind, period;
