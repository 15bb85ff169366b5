-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, program, friend, shares, rules, status, lead_at, lead, touch_at, touch, typed, qualified, touched_by
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from referral as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into referral (
  workspace_id, id, program, friend, shares, rules, status, lead_at, lead, touch_at, touch, typed, qualified,
  touched_by
)
select $1, id, program, friend, shares, rules, status, lead_at, lead, touch_at, touch, typed, qualified, touched_by
from json_populate_recordset(null::referral, $2)
on conflict (workspace_id, id) do update set
  program = excluded.program, friend = excluded.friend, shares = excluded.shares, rules = excluded.rules,
  status = excluded.status, lead_at = excluded.lead_at, lead = excluded.lead, touch_at = excluded.touch_at,
  touch = excluded.touch, typed = excluded.typed, qualified = excluded.qualified, touched_by = excluded.touched_by;

-- name: every
-- The whole noun, for verification.
select id, program, friend, shares, rules, status, lead_at, lead, touch_at, touch, typed, qualified, touched_by
from referral where workspace_id = $1 order by id;
