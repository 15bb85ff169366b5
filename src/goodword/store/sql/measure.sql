-- name: since
-- Of payments of rewards at positions: when each reward was earned, by an order or otherwise, and the beginning of the entry that
-- approved it last until then. By the reward's own postings, of which there are few.
select r.earned_at, r."on", l.head
from unnest($2::text[], $3::bigint[]) with ordinality as w (reward, position, place)
cross join lateral (select earned_at, "on" from reward where workspace_id = $1 and id = w.reward offset 0) as r
cross join lateral (
  select max(p.position) as position from (
    select position from posting
    where workspace_id = $1 and reward = w.reward and source = 'accrued' and destination = 'payable' and position <= w.position offset 0
  ) as p
) as a
left join lateral (
  select substring(leaf from 1 for 40) as head from log where workspace_id = $1 and position = a.position offset 0
) as l on true
order by w.place;
