-- name: rewards
-- Rewards that changed behind a position of the log, all of them behind none; of some programs, if any are given.
select r.id, (select slug from program p where p.workspace_id = $1 and p.id = r.program) as program, r.referral, r.conversion,
  r.friend, r.beneficiary, r.side, r.share, r.kind, r.unit, r.gross, r.amount, r.sent, r.netted, r.forgiven, r.status, r.rules,
  r."on", r.earned_at, r.hold_until, r.approved_at, r.due_at, r.expires_at, r.payout, r.changed
from reward r
where r.workspace_id = $1 and (r.changed > $2 or $2 = 0) and ($3::text[] is null or r.program = any($3))
order by r.id;

-- name: referrals
-- Referrals likewise.
select r.id, (select slug from program p where p.workspace_id = $1 and p.id = r.program) as program, r.friend,
  r.shares -> 0 ->> 'person' as advocate, r.shares::text as shares, r.status, r.rules, r.lead_at, r.touch_at, r.typed, r.confidence,
  r.changed
from referral r
where r.workspace_id = $1 and (r.changed > $2 or $2 = 0) and ($3::text[] is null or r.program = any($3))
order by r.id;

-- name: conversions
-- Conversions likewise; those of some programs are those that rewards of these were earned by.
select c.id, c.person, c.name, c.status, c.at, c.amount, c.currency, c.tax, c.shipping, c.discount,
  coalesce((c.back ->> 'goods')::bigint, 0) + coalesce((c.back ->> 'tax')::bigint, 0) + coalesce((c.back ->> 'shipping')::bigint, 0)
    as refunded,
  c.country, c.settled, jsonb_array_length(c.rewards) as rewards, c.evt as event, c.changed
from conversion c
where c.workspace_id = $1 and (c.changed > $2 or $2 = 0) and (
  $3::text[] is null
  or exists (
    select from jsonb_array_elements_text(c.rewards) as earned (id)
    join reward r on r.workspace_id = $1 and r.id = earned.id and r.program = any($3)
  )
)
order by c.id;

-- name: clicks
-- Entries of the log behind a position, in order: clicks are read off them.
select position, leaf from log where workspace_id = $1 and position > $2 order by position;

-- name: block
-- The redirect's touches of a block.
select id, code, at, visitor, device, bot from touch where workspace_id = $1 and block = $2 order by id;
