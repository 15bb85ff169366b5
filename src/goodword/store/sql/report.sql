-- name: progress
-- Where deciding stands: the end of the log, what waits, what is set aside.
select s.position, s.as_of,
  (select count(*) from undecided where workspace_id = $1 and waits_for is null) as waiting,
  (select count(*) from undecided where workspace_id = $1 and waits_for is not null) as set_aside
from stream s where workspace_id = $1;

-- name: given_up
-- Jobs that were given up, by kind, counted up to a bound.
select kind, count(*) from (select kind from job where workspace_id = $1 and dead order by kind limit $2) found group by kind;

-- name: queue
-- What waits for people, counted up to a bound. In order, so that the index of states is read and never the whole table.
-- Rewards that are put aside wait for nobody now.
select
  (select least($2, count(*) - aside.many) from (select from reward
      where workspace_id = $1 and status = 'in_review' order by id limit $2 + aside.many) found) as rewards_in_review,
  (select count(*) from (
    select from payout where workspace_id = $1 and status = 'awaiting_release' order by id limit $2) found)
    as payouts_awaiting_release,
  (select count(*) from (
    select from "case" where workspace_id = $1 and status = 'open' order by id limit $2) found) as cases_open,
  (select count(*) from ((
    select from "case" where workspace_id = $1 and person is not null and status in ('open', 'appealed') order by id limit $2
  ) union all (
    select from claim where workspace_id = $1 and entered_by like 'per\_%' and status in ('open', 'appealed') order by id limit $2
  ) limit $2) found) as persons_waiting,
  (select count(*) from ((
    select from letter where workspace_id = $1
      and status in ('unknown', 'refused', 'ordered') and (status <> 'ordered' or at < $3 - 3600000000) limit $2
  ) union all (
    select from letter where workspace_id = $1 and topic = 'gift' and status = 'withheld' and reason <> 'left_by_member' limit $2
  ) limit $2) found) as messages_waiting
from (select count(*)::int as many from reward
  where workspace_id = $1 and status = 'in_review' and snoozed_until > $3) aside;

-- name: queue_of
-- The same for some programs; a payout counts where all of its programs are among them.
select
  (select least($2, count(*) - aside.many) from (
    select from unnest($4::text[]) as scope (program) cross join lateral (
      select from reward where workspace_id = $1 and program = scope.program and status = 'in_review'
      order by id limit $2 + aside.many
    ) one limit $2 + aside.many) found) as rewards_in_review,
  (select count(*) from (
    select from unnest($4::text[]) as scope (program) cross join lateral (
      select from payout where workspace_id = $1 and programs ->> 0 = scope.program and programs <@ to_jsonb($4::text[])
        and status = 'awaiting_release' order by id limit $2
    ) one limit $2) found) as payouts_awaiting_release,
  (select count(*) from (
    select from unnest($4::text[]) as scope (program) cross join lateral (
      select from "case" where workspace_id = $1 and program = scope.program and status = 'open' order by id limit $2
    ) one limit $2) found) as cases_open,
  (select count(*) from ((
    select from "case" where workspace_id = $1 and person is not null and status in ('open', 'appealed') and program = any($4)
    order by id limit $2
  ) union all (
    select from claim where workspace_id = $1 and entered_by like 'per\_%' and status in ('open', 'appealed') and program = any($4)
    order by id limit $2
  ) limit $2) found) as persons_waiting,
  (select count(*) from ((
    select from letter where workspace_id = $1
      and status in ('unknown', 'refused', 'ordered') and (status <> 'ordered' or at < $3 - 3600000000) and program = any($4) limit $2
  ) union all (
    select from letter where workspace_id = $1 and topic = 'gift' and status = 'withheld' and reason <> 'left_by_member'
      and program = any($4) limit $2
  ) limit $2) found) as messages_waiting
from (select count(*)::int as many from reward
  where workspace_id = $1 and status = 'in_review' and snoozed_until > $3 and program = any($4::text[])) aside;

-- name: events_by_type
-- How many distinct events outside sources sent, by type.
select type, count(*) as count from event
where workspace_id = $1 and source in ('native', 'page') group by type order by type;

-- name: counts
-- Advocates, bound leads, and conversions that took a place of their referral.
select
  (select count(distinct person) from advocate where workspace_id = $1) as advocates,
  (select count(*) from referral where workspace_id = $1 and status <> 'void') as attributed_leads,
  (select coalesce(sum(jsonb_array_length(qualified)), 0)::bigint from referral
   where workspace_id = $1 and status <> 'void') as qualifying_conversions;

-- name: cap_refusals
-- Conversions whose advocate had used up the places of the period, as the log says; decided again, it counts once.
select count(distinct coalesce(verdict ->> 'redecides', l.evt)) as count
from log l, lateral jsonb_array_elements(convert_from(l.leaf, 'UTF8')::jsonb -> 'verdicts') as verdict
where l.workspace_id = $1 and verdict ->> 'refusal' = 'count_cap_reached';

-- name: rewards
-- What rewards of a unit were worth before and after refunds, by side.
select side, count(*) as count, coalesce(sum(gross), 0) as gross, coalesce(sum(amount), 0) as net,
  count(*) filter (where amount = 0) as reversed_fully,
  count(*) filter (where amount > 0 and amount < gross) as reversed_partly
from reward where workspace_id = $1 and unit = $2 and "on" <> ':opening' group by side;

-- name: revenue
-- What all customers paid in a currency, and what was given back of it.
select coalesce(sum(amount), 0) as gross,
  coalesce(sum((select sum(part.value::bigint) from jsonb_each_text(back - 'lines') part)), 0) as refunded
from conversion where workspace_id = $1 and currency = $2 and status = 'paid';

-- name: net_by_advocate
-- What advocates have earned less reversals, in a unit; those with nothing are left out.
select beneficiary, sum(amount) as net from reward
where workspace_id = $1 and unit = $2 and side = 'advocate' and "on" <> ':opening' group by beneficiary having sum(amount) > 0;
