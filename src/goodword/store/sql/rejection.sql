-- name: add
-- What was refused.
insert into rejection (workspace_id, id, at, source, key, code, field, sent_as, count)
select $1, * from unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[]);

-- name: bound
-- Forget all but the newest.
delete from rejection where workspace_id = $1 and id <= (
  select id from rejection where workspace_id = $1 order by id desc offset $2 limit 1
);

-- name: page
-- What was refused, the newest first, behind one; all or of one code.
select id, at, source, key, code, field, sent_as, count from rejection
where workspace_id = $1 and id < $2 and ($3 = '' or code = $3) order by id desc limit $4;

-- name: with_old
-- Workspaces whose oldest one is of before then.
select workspace_id from workspace w where (
  select r.at < $1 from rejection r where r.workspace_id = w.workspace_id order by r.id limit 1
);

-- name: expire
-- Forget those of before then.
delete from rejection where workspace_id = $1 and at < $2;
