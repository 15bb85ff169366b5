-- name: every
-- The CRMs that are written to.
select source, site, referrer, fields, made_by, made_at, rests_until from crm
where workspace_id = $1 and ($2::text is null or source = $2) order by source;

-- name: set
-- A CRM is written to from now on, or otherwise than before.
insert into crm (workspace_id, source, site, referrer, fields, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (workspace_id, source) do update set site = excluded.site, referrer = excluded.referrer, fields = excluded.fields,
  made_by = excluded.made_by, made_at = excluded.made_at, rests_until = 0;

-- name: end
-- A CRM is written to no more.
delete from crm where workspace_id = $1 and source = $2;

-- name: forget
-- What was written to a CRM is known no more.
delete from crm_record where workspace_id = $1 and source = $2;

-- name: lease
-- Let one worker write to a CRM; nothing if another does.
update crm set leased_until = $4 where workspace_id = $1 and source = $2 and leased_until <= $3 returning source;

-- name: free
-- It has ended.
update crm set leased_until = 0 where workspace_id = $1 and source = $2 and leased_until = $3;

-- name: rest
-- A CRM asks to be left alone for a while.
update crm set rests_until = greatest(rests_until, $3) where workspace_id = $1 and source = $2;

-- name: known
-- What was written to records.
select source, record, noun, subject, state, match, confidence, digest, answered, answer, at from crm_record
where workspace_id = $1 and source = $2 and record = any($3::bytea[]);

-- name: of
-- Which of these subjects anything was written of.
select distinct subject from crm_record where workspace_id = $1 and subject = any($2::text[]);

-- name: keep
-- What a CRM answered.
insert into crm_record (workspace_id, source, record, noun, subject, state, match, confidence, digest, answered, answer, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (workspace_id, source, record) do update set noun = excluded.noun, subject = excluded.subject, state = excluded.state,
  match = excluded.match, confidence = excluded.confidence, digest = excluded.digest, answered = excluded.answered,
  answer = excluded.answer, at = excluded.at;

-- name: counts
-- How many records there are, by state.
select state, count(*) from crm_record where workspace_id = $1 and source = $2 group by state;

-- name: records
-- Records of a state, those tried last first.
select source, record, noun, subject, state, match, confidence, digest, answered, answer, at from crm_record
where workspace_id = $1 and source = $2 and state = $3 order by at desc, record limit $4;

-- name: refused
-- What the records are of that a CRM refused.
select distinct noun, subject from crm_record where workspace_id = $1 and source = $2 and state = 'refused' limit $3;
