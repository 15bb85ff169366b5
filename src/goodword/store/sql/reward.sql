-- name: of_unsettled_with
-- Those of these beneficiaries that are unsettled.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from reward as it where it.workspace_id = $1 and it.beneficiary = wanted.key
    and (it.status in ('pending', 'in_review', 'approved', 'processing') or it.sent - it.netted - it.forgiven > it.amount)
  offset 0
) as found;

-- name: of_open_in
-- Those of these referrals that are neither over nor paid.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from reward as it where it.workspace_id = $1 and it.referral = wanted.key
    and it.status in ('pending', 'in_review', 'approved', 'processing')
  offset 0
) as found;

-- name: of_owed_by
-- Those of which these beneficiaries owe something back.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from reward as it where it.workspace_id = $1 and it.beneficiary = wanted.key
    and it.sent - it.netted - it.forgiven > it.amount
  offset 0
) as found;
