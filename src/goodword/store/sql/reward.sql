-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select id, program, referral, conversion, friend, side, beneficiary, share, kind, unit, gross, amount, status,
       rules, "on", rule, tier, evt, earned_at, hold_until, sent, netted, cases, approvals, approval_list,
       approved_at, due_at, destination, payout, touched_by
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from reward as it where it.workspace_id = $1 and it.id >= wanted.key order by it.id limit 1
) as found
where found.id = wanted.key;

-- name: of
-- Those of these beneficiaries that are unsettled.
select id, program, referral, conversion, friend, side, beneficiary, share, kind, unit, gross, amount, status,
       rules, "on", rule, tier, evt, earned_at, hold_until, sent, netted, cases, approvals, approval_list,
       approved_at, due_at, destination, payout, touched_by
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from reward as it where it.workspace_id = $1 and it.beneficiary = wanted.key
    and (it.status in ('pending', 'in_review', 'approved', 'processing') or it.sent - it.netted > it.amount)
  offset 0
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into reward (
  workspace_id, id, program, referral, conversion, friend, side, beneficiary, share, kind, unit, gross, amount,
  status, rules, "on", rule, tier, evt, earned_at, hold_until, sent, netted, cases, approvals, approval_list,
  approved_at, due_at, destination, payout, touched_by
)
select $1, id, program, referral, conversion, friend, side, beneficiary, share, kind, unit, gross, amount, status,
  rules, "on", rule, tier, evt, earned_at, hold_until, sent, netted, cases, approvals, approval_list, approved_at,
  due_at, destination, payout, touched_by
from json_populate_recordset(null::reward, $2)
on conflict (workspace_id, id) do update set
  program = excluded.program, referral = excluded.referral, conversion = excluded.conversion,
  friend = excluded.friend, side = excluded.side, beneficiary = excluded.beneficiary, share = excluded.share,
  kind = excluded.kind, unit = excluded.unit, gross = excluded.gross, amount = excluded.amount,
  status = excluded.status, rules = excluded.rules, "on" = excluded."on", rule = excluded.rule,
  tier = excluded.tier, evt = excluded.evt, earned_at = excluded.earned_at, hold_until = excluded.hold_until,
  sent = excluded.sent, netted = excluded.netted, cases = excluded.cases, approvals = excluded.approvals,
  approval_list = excluded.approval_list, approved_at = excluded.approved_at, due_at = excluded.due_at,
  destination = excluded.destination, payout = excluded.payout, touched_by = excluded.touched_by;

-- name: every
-- The whole noun, for verification.
select id, program, referral, conversion, friend, side, beneficiary, share, kind, unit, gross, amount, status,
       rules, "on", rule, tier, evt, earned_at, hold_until, sent, netted, cases, approvals, approval_list,
       approved_at, due_at, destination, payout, touched_by
from reward where workspace_id = $1 order by id;
