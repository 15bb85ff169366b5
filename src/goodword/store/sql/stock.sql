-- name: low_of_all
-- The names under which few codes are left, of all uploads that have not ended, by the instant up to which logs go; and what waits.
select s.workspace_id, it.name, sum(it.size - it.given)::bigint as "left"
from stock it join stream s on s.workspace_id = it.workspace_id
where it.ends_at is null or it.ends_at > s.as_of
group by s.workspace_id, it.name
having sum(it.size - it.given) <= (array_agg(it.low order by it.at desc, it.id desc))[1]
order by s.workspace_id, it.name;

-- name: awaited_of_all
-- How many payouts wait for codes, by workspace.
select workspace_id, count(*) as count from payout where status = 'released' and reason = 'codes_awaited'
group by workspace_id order by workspace_id;
