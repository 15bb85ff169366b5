-- name: consents
-- Who said anything of it: those who took it back too.
select person, consents -> 'leaderboard' as said from customer where workspace_id = $1 and consents ? 'leaderboard';

-- name: counts
-- An order that brings somebody several rewards is one; of an opening balance, and of a correction, nobody ordered anything.
select beneficiary, count(distinct conversion)::int as orders from reward
where workspace_id = $1 and beneficiary = any($3::text[]) and approved_at >= $4 and approved_at < $5
  and program = $2 and side = 'advocate' and status = any($6::text[]) and amount > 0 and "on" not like ':%'
group by beneficiary;
