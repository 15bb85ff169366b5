-- What left, or stands as if, without a record of a member who approved or released it. $1: the workspace
with given as (
  select kind, subject from approval where workspace_id = $1
)
select 'reward', id, status from reward
where workspace_id = $1 and (status in ('approved', 'processing', 'paid') or sent > 0)
  and not exists (select from given where kind = 'approve' and subject = reward.id)
union all
select 'posting', reward, destination from posting
where workspace_id = $1 and destination in ('payable', 'clearing', 'settled')
  and not exists (select from given where kind = 'approve' and subject = posting.reward)
union all
select 'payout', id, status from payout
where workspace_id = $1 and status not in ('draft', 'awaiting_release', 'canceled')
  and not exists (select from given where kind = 'release' and subject = payout.id)
union all
select 'job', id, kind from job
where workspace_id = $1 and kind like 'payout.%'
  and not exists (select from given where given.kind = 'release' and given.subject = job.subject);
