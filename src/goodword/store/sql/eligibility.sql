-- name: judged
-- Rewards with the points of an audit that they lack, as core.audit answers them, found without it. Of one that nobody approved yet
-- duplicate_claim stands here for whatever may stop it: who asks looks closer. An approval is also looked for where it is kept by itself;
-- of what is paid the amount is held against its postings, which the core does not see: what it costs, and what was sent and netted of it
-- in all and with its payout; and a standing approval against its terms, its time and what is used of its limits.
with rule as materialized (
  select version.hash, one ->> 'on' as "on", jsonb_array_length(one -> 'rewards') as rewards
  from rule_version version cross join lateral jsonb_array_elements(version.document::jsonb -> 'conversions') one
  where version.workspace_id = $1
)
select r.id, r.program, r.status, r.earned_at, array_remove(array[
  case when r."on" not like ':%' and (f.id is null or (f.confidence is not null and f.grounds = '[]')) then 'referral_source' end,
  case when (r."on" not like ':%' or r."on" = ':opening') and (c.status is distinct from 'paid' or c.evt is null)
    then 'qualifying_conversion' end,
  case when (r."on" not like ':%' or r."on" = ':opening') and (c.status is distinct from 'paid' or coalesce(c.amount, 0)
      < (select coalesce(sum(part.value::bigint), 0) from jsonb_each_text(c.back - 'lines') part))
    then 'payment_and_refund' end,
  case when not exists (select from rule_version v where v.workspace_id = $1 and v.hash = r.rules) then 'terms' end,
  case when r.status in ('pending', 'in_review') and (r.cases <> '[]' or exists (
      select from claim where claim.workspace_id = $1 and claim.friend = r.friend and claim.status in ('open', 'appealed')
    )) then 'duplicate_claim' end,
  case when (r."on" not like ':%' and r.rule >= coalesce(rule.rewards, 0)) or r.amount not between 0 and r.gross
      or (p.id is not null and not p.parts @> jsonb_build_array(jsonb_build_object('reward', r.id)))
      or p.amount <> (select sum((part ->> 'sent')::bigint) from jsonb_array_elements(p.parts) part)
      or (r.status = 'paid' and (
        (b.costs, b.sent) is distinct from (
          r.amount + greatest(0, r.sent - r.netted - r.amount) - greatest(0, r.sent - r.netted - r.amount - r.forgiven), r.sent
        )
        or part.sent + part.netted > r.sent
        or (said.position is not null and (b.now_sent, b.now_netted) is distinct from (part.sent, part.netted))
      ))
    then 'payout_calculation' end,
  case when (r.status not in ('rejected', 'reversed', 'expired') or r.approvals <> '[]') and (
      r.status in ('pending', 'in_review') or r.approvals = '[]' or r.approved_at is null
      or (r.status in ('processing', 'paid') and p.releases = '[]')
      or not exists (select from approval a where a.workspace_id = $1 and a.subject = r.id and a.kind = 'approve')
      or (starts_with(r.approvals ->> 0, 'sta_') and not exists (
        select from standing s
        left join counter whole on whole.workspace_id = $1 and whole.program = '' and whole.person = ''
          and whole.kind = 'standing:' || s.id and whole.period = 'ever'
        left join counter their on their.workspace_id = $1 and their.program = '' and their.person = r.beneficiary
          and their.kind = 'standing:' || s.id and their.period = 'ever'
        where s.workspace_id = $1 and s.id = r.approvals ->> 0 and r.standing ->> 0 = s.id and jsonb_array_length(r.approvals) = 1
          and s.granted_by ->> 0 <> s.granted_by ->> 1
          and (s.program, s.kind, s.unit) = (r.program, r.kind, r.unit) and coalesce(s.side, r.side) = r.side
          and coalesce(p.rail, s.rail) = s.rail
          and r.approved_at >= s.since and r.approved_at < s.until and coalesce(s.stopped_at, r.approved_at) >= r.approved_at
          and (r.standing ->> 2)::bigint between 1 and s.per_reward
          and coalesce((whole.amounts ->> s.unit)::bigint, 0) <= s.in_all
          and coalesce((their.amounts ->> s.unit)::bigint, 0) <= s.per_beneficiary
      ))
    ) then 'approval' end
], null) as lacks
from reward r
left join referral f on f.workspace_id = $1 and f.id = r.referral
left join conversion c on c.workspace_id = $1 and c.id = r.conversion
left join payout p on p.workspace_id = $1 and p.id = r.payout
left join rule on rule.hash = r.rules and rule."on" = r."on"
left join lateral (
  select max(position) as position from approval a
  where a.workspace_id = $1 and a.subject = p.id and a.kind = 'release' and r.status = 'paid'
) said on true
left join lateral (
  select (one ->> 'sent')::bigint as sent,
    (select coalesce(sum((owing ->> 1)::bigint), 0) from jsonb_array_elements(one -> 'netted') owing) as netted
  from jsonb_array_elements(p.parts) one where one ->> 'reward' = r.id and r.status = 'paid' limit 1
) part on true
left join lateral (
  select
    coalesce(sum(case when m.source in ('expense', 'opening') then m.amount end), 0)
      - coalesce(sum(case when m.destination in ('expense', 'opening') and m.source <> 'credit' then m.amount end), 0) as costs,
    coalesce(sum(case
      when m.source = 'payable' and m.destination in ('receivable', 'between') then m.amount
      when m.source not in ('clearing', 'settled', 'credit') and m.destination in ('clearing', 'settled', 'credit') then m.amount
      when m.source in ('clearing', 'settled') and m.source_owner <> 'repaid'
        and m.destination not in ('clearing', 'settled', 'credit') then -m.amount
    end), 0) as sent,
    coalesce(sum(case when m.position = said.position and m.source = 'payable' and m.destination = 'clearing' then m.amount end), 0)
      as now_sent,
    coalesce(sum(case when m.position = said.position and m.source = 'payable' and m.destination in ('receivable', 'between')
      then m.amount end), 0) as now_netted
  from posting m where m.workspace_id = $1 and m.reward = r.id and r.status = 'paid'
) b on true
where r.workspace_id = $1 and r.earned_at >= $2 and r.earned_at < $3 and r.program = any($4::text[])

-- name: accuracy
-- How many rewards there are, and of how many all seven points are there, by program, month in a zone, and state.
select program, to_char(to_timestamp(earned_at / 1000000) at time zone $5, 'YYYY-MM') as month, status,
  count(*) as rewards, count(*) filter (where lacks = '{{}}') as whole
from ({judged}) as judged group by program, month, status order by program, month, status;

-- name: listed
-- Rewards in order of id: in a state, and that lack a point, where that is asked.
select id from ({judged} and r.id > $5 and ($6::text is null or r.status = $6)) as judged
where $7::text is null or $7 = any(lacks) or ($7 = 'any' and lacks <> '{{}}') order by id limit $8;

-- name: failing
-- Rewards that lack something, with what, in order of id: of what nobody approved yet duplicate_claim may stand there for less.
select id, program, status, earned_at, lacks from ({judged}) as judged where lacks <> '{{}}' order by id;

-- name: paid_and_lacking
-- The audit query of invariant I-30: what is paid and lacks something. There is none.
select id, lacks from ({judged} and r.status = 'paid') as judged where lacks <> '{{}}' order by id limit $5;

-- name: lacking
-- What of these rewards is paid and lacks something by SQL.
select id, lacks from ({judged} and r.status = 'paid' and r.id = any($5::text[])) as judged where lacks <> '{{}}';

-- name: booked
-- All postings of these rewards as they are stored.
select position, program, source, source_owner, to_program, destination, destination_owner, unit, amount, reward from posting
where workspace_id = $1 and reward = any($2::text[]);

-- name: approved_in
-- Where each of these was approved or released.
select wanted.id, found.position from unnest($2::text[]) as wanted (id)
cross join lateral (select position from approval where workspace_id = $1 and subject = wanted.id offset 0) as found;

-- name: completed_at
-- Where, from a position on and before another, money arrived, also by the word of two that it did after all, or was netted.
select distinct position from posting
where workspace_id = $1 and position >= $2 and position < $3 and (
  (source in ('clearing', 'accrued', 'payable', 'receivable') and destination in ('settled', 'credit'))
  or (source = 'payable' and destination in ('receivable', 'between'))
)
order by position;

-- name: had
-- What each of these beneficiaries got, by unit, from a position on and before another.
select r.beneficiary, p.unit, sum(p.amount)::bigint as amount from posting p
join reward r on r.workspace_id = $1 and r.id = p.reward
where p.workspace_id = $1 and p.position >= $2 and p.position < $3
  and p.source in ('clearing', 'accrued', 'payable', 'receivable') and p.destination in ('settled', 'credit') and r.beneficiary = any($4::text[])
group by r.beneficiary, p.unit;

-- name: places
-- Of how many orders in each country these beneficiaries earned by what happened before an instant.
select r.beneficiary, c.country, count(*) as count from reward r
join conversion c on c.workspace_id = $1 and c.id = r.conversion
where r.workspace_id = $1 and r.beneficiary = any($3::text[]) and r.earned_at < $2 and c.country is not null
group by r.beneficiary, c.country;

-- name: head_over
-- The smallest signed head that has so many entries.
select size, root, as_of, signature, public from log_head where workspace_id = $1 and size >= $2 order by size limit 1;

-- name: candidates
-- Of the rewards of a pilot: how many there are, lack nothing, and only wait for their decision; how many others lack each point; those that
-- a claim or case may stop, at which somebody looks closer and which are counted as if they waited; and a digest of what each lacks.
with judged as materialized ({judged}), ranked as materialized (
  select id, lacks, case when lacks = '{{}}' then 'whole' when status not in ('pending', 'in_review') then 'fails'
    when lacks <@ array['approval'] then 'waits' when lacks <@ array['approval', 'duplicate_claim'] then 'doubtful' else 'fails' end as how,
    case when status in ('pending', 'in_review') then array_remove(lacks, 'approval') else lacks end as points
  from judged
)
select count(*) as rewards, count(*) filter (where how = 'whole') as whole, count(*) filter (where how in ('waits', 'doubtful')) as waiting,
  coalesce(array_agg(id order by id) filter (where how = 'doubtful'), '{{}}') as doubtful,
  encode(sha256(convert_to(coalesce(string_agg(id || ' ' || array_to_string(lacks, ','), E'\n' order by id), ''), 'UTF8')), 'hex') as sha256,
  (select coalesce(jsonb_object_agg(point, many), '{{}}') from (
    select point, count(*) as many from ranked cross join lateral unnest(points) point where how = 'fails' group by point
  ) as each) as points
from ranked;

-- name: failing_candidates
-- Rewards of a pilot that lack a point, or may, behind one in order of id.
select id from ({judged} and r.id > $5) as judged
where lacks <> '{{}}' and not (status in ('pending', 'in_review') and lacks <@ array['approval']) order by id limit $6;
