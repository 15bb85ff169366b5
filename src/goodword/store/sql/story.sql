-- name: shown
-- The newest that the team shows; whether their persons permit it still is not looked at here.
select id from "case" where workspace_id = $1 and kind = 'story' and outcome = 'shown' and status = 'decided'
  and ($2::text[] is null or program = any($2))
order by id desc limit $3;
