-- name: as_of
-- The instant that the decision at a position read as now: a leaf begins with it, so that the rest of it is not read.
select substring(leaf from 1 for 40) from log where workspace_id = $1 and position = $2;

-- name: moved
-- What was posted behind a position up to another one, by the period in which it was booked and that in which its reward was earned.
-- $4 and $5: the positions and the instants at which periods begin; 0 is before all of them.
select booked, earned, program, source, to_program, destination, kind, side, origin, unit, count(*)::bigint as count, sum(amount) as amount
from (
  select width_bucket(p.position, $4::bigint[]) as booked, width_bucket(r.earned_at, $5::bigint[]) as earned, p.program, p.source, p.to_program,
    p.destination, r.kind, r.side,
    case when p.source = 'expense' or p.source_owner = 'repaid' then p.source_owner when p.destination = 'expense' then p.destination_owner else '' end as origin,
    p.unit, p.amount
  from posting p left join reward r on r.workspace_id = $1 and r.id = p.reward
  where p.workspace_id = $1 and p.position > $2 and p.position <= $3
) as it
group by booked, earned, program, source, to_program, destination, kind, side, origin, unit;

-- name: open
-- What stood in these accounts at a position, reward by reward, by the period in which it came to stand there first.
-- $4: the positions at which periods begin; 0 is before all of them.
select program, account, unit, booked, count(*)::bigint as count, sum(amount) as amount
from (
  select program, account, unit, reward, width_bucket(min(position), $4::bigint[]) as booked, sum(amount)::bigint as amount
  from (
    select p.position, p.reward, ends.program, ends.account, p.unit, ends.amount from posting p
    cross join lateral (values (p.program, p.source, -p.amount), (p.to_program, p.destination, p.amount)) as ends (program, account, amount)
    where p.workspace_id = $1 and p.position <= $2 and ends.account = any($3::text[])
  ) as posted
  group by reward, account, program, unit
  having sum(amount) <> 0
) as of_reward
group by program, account, unit, booked;

-- name: postings
-- Postings in order, each with its event, the beginning of its entry, and when its reward was earned under which rules.
select p.position, p.n, p.program, p.source, p.source_owner, p.to_program, p.destination, p.destination_owner, p.unit, p.amount, p.reward,
  l.evt, substring(l.leaf from 1 for 40), r.earned_at, r.rules
from posting p
join log l on l.workspace_id = $1 and l.position = p.position and l.position > $2 and l.position <= $3
left join reward r on r.workspace_id = $1 and r.id = p.reward
where p.workspace_id = $1 and p.position > $2 and p.position <= $3 and ($4::text is null or p.program = $4 or p.to_program = $4)
order by p.position, p.n;

-- name: how_many
-- How many postings there are behind a position up to another one, counted up to a limit.
select count(*) from (select from posting where workspace_id = $1 and position > $2 and position <= $3 limit $4) as found;

-- name: zones
-- The time zone of each version of the rules.
select hash, coalesce(document::json ->> 'timezone', 'UTC') as zone from rule_version where workspace_id = $1;

-- name: referrals
-- One row a referral and unit: orders and what was given back of them, what its rewards cost by side, and what of that was taken back.
-- What has no referral stands in rows of its own: by what it comes from. $2 up to $3: when orders occurred and rewards were earned;
-- behind $4 up to $5: where the cost was booked; likewise behind $6 up to $7 the decisions of orders, 0 and 0: wherever these are.
with cost as materialized (
  select r.program, r.referral, case when r.referral <> '' then '' when r.on like ':%' then substring(r.on from 2) else 'order' end as origin,
    p.unit, r.side, sum(case p.source when 'expense' then p.amount else 0 end) as cost,
    sum(case p.destination when 'expense' then p.amount else 0 end) as taken_back
  from posting p join reward r on r.workspace_id = $1 and r.id = p.reward
  where p.workspace_id = $1 and p.position > $4 and p.position <= $5 and (p.source = 'expense' or p.destination = 'expense')
    and r.earned_at >= $2 and r.earned_at < $3 and ($8::text is null or r.program = $8)
  group by 1, 2, 3, 4, 5
), orders as materialized (
  select coalesce(r.program, '') as program, coalesce(r.referral, '') as referral, case when coalesce(r.referral, '') = '' then 'order' else '' end as origin,
    coalesce(c.currency, r.unit, '') as unit, min(c.at) as first_at, count(*) as orders, sum(coalesce(c.amount, 0)) as revenue,
    sum(coalesce((c.back ->> 'goods')::bigint, 0) + coalesce((c.back ->> 'tax')::bigint, 0) + coalesce((c.back ->> 'shipping')::bigint, 0)) as returned
  from conversion c left join reward r on r.workspace_id = $1 and r.id = c.rewards ->> -1
  where c.workspace_id = $1 and c.status = 'paid' and (c.status, c.at) >= ('paid', $2) and (c.status, c.at) < ('paid', $3) and c.name not like ':%' and ($8::text is null or r.program = $8)
    and ($7 = 0 or exists (select from log l where l.workspace_id = $1 and l.evt = c.evt and l.position > $6 and l.position <= $7))
  group by 1, 2, 3, 4
), every as (
  select program, referral, origin, unit, side, cost, taken_back, null::bigint as first_at, 0::bigint as orders, 0::numeric as revenue, 0::numeric as returned from cost
  union all
  select program, referral, origin, unit, '', 0, 0, first_at, orders, revenue, returned from orders
  union all
  select r.program, r.id, '', '', '', 0, 0, null, 0, 0, 0 from referral r
  where r.workspace_id = $1 and r.lead_at >= $2 and r.lead_at < $3 and $7 = 0 and ($8::text is null or r.program = $8)
    and r.id not in (select referral from cost union all select referral from orders)
)
select e.*, r.status, r.lead_at, r.touch, r.typed, r.friend, r.shares -> 0 ->> 'person' as advocate, r.lead
from (
  select program, referral, origin, unit, min(first_at) as first_at, sum(orders)::bigint as orders, sum(revenue) as revenue, sum(returned) as returned,
    sum(case side when 'advocate' then cost - taken_back else 0 end) as cost_advocate,
    sum(case side when 'friend' then cost - taken_back else 0 end) as cost_friend, sum(taken_back) as taken_back
  from every group by program, referral, origin, unit
) as e
left join referral r on r.workspace_id = $1 and r.id = e.referral
order by e.program, e.referral, e.origin, e.unit;

-- name: revenue
-- Orders that earned a reward, and what was given back of them, by program, period of the order and currency; those that earned none
-- have no program. $2: the instants at which periods begin; $3 and $4: behind and up to which decisions of orders, by their periods $5;
-- $6 up to $7: when they occurred. Rows are compared so that the index by status and time is taken.
select program, period, unit, count(*)::bigint as orders, sum(amount) as amount, sum(returned) as returned
from (
  select coalesce(r.program, '') as program,
    case when $4 = 0 then width_bucket(c.at, $2::bigint[]) else width_bucket(l.position, $5::bigint[]) end as period, coalesce(c.currency, r.unit, '') as unit,
    coalesce(c.amount, 0) as amount,
    coalesce((c.back ->> 'goods')::bigint, 0) + coalesce((c.back ->> 'tax')::bigint, 0) + coalesce((c.back ->> 'shipping')::bigint, 0) as returned
  from conversion c
  left join reward r on r.workspace_id = $1 and r.id = c.rewards ->> -1
  left join log l on $4 > 0 and l.workspace_id = $1 and l.evt = c.evt and l.position > $3 and l.position <= $4
  where c.workspace_id = $1 and c.status = 'paid' and c.name not like ':%'
    and (c.status, c.at) >= ('paid', $6) and (c.status, c.at) < ('paid', $7) and ($4 = 0 or l.position is not null)
) as it
group by program, period, unit;

-- name: billed
-- What was billed and given back by the orders alone, whoever brought them: of those that occurred from $2 up to $3.
select coalesce(currency, '') as unit, sum(coalesce(amount, 0)) as revenue,
  sum(coalesce((back ->> 'goods')::bigint, 0) + coalesce((back ->> 'tax')::bigint, 0) + coalesce((back ->> 'shipping')::bigint, 0)) as returned
from conversion
where workspace_id = $1 and status = 'paid' and (status, at) >= ('paid', $2) and (status, at) < ('paid', $3) and name not like ':%'
  and currency is not null
group by 1;

-- name: touches
-- By which code somebody was brought, and the entry of the click where somebody sent it.
select t.id, t.code, l.leaf from touch t left join log l on l.workspace_id = $1 and l.evt = t.evt
where t.workspace_id = $1 and t.id = any($2::text[]);

-- name: leads
-- The entries that bound friends, by the event.
select evt, leaf from log where workspace_id = $1 and evt = any($2::text[]);
