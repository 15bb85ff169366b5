-- name: brought
-- What events brought beside the log, by event: names, keys by which persons are recognised, personal data.
select evt, 'alias' as "table", kind, blind, id as owner, coalesce(sealed, '') as sealed, false as verified
from alias where workspace_id = $1 and evt is not null
union all
select evt, 'match_key', kind, blind, person, '', verified and raised is null
from match_key where workspace_id = $1 and evt is not null
union all
select raised, 'match_key', kind, blind, person, '', verified
from match_key where workspace_id = $1 and raised is not null
union all
select evt, 'personal', '', '', person, sealed, false
from personal where workspace_id = $1
order by evt;

-- name: names_without_event
-- Names that no event brought, or one of before digests of names stood in the log.
select kind, blind, id, sealed from alias where workspace_id = $1 and evt is null;

-- name: keys_without_event
-- Persons with keys of whom that is so.
select distinct person from match_key where workspace_id = $1 and evt is null;

-- name: half_persons
-- Persons with a name and no key, and those with a key and no name.
select coalesce(a.id, p.id) as id, a.id is not null as named
from (select id from alias where workspace_id = $1 and kind = 'person') a
full join (select id from person where workspace_id = $1) p on p.id = a.id
where a.id is null or p.id is null
order by 1;

-- name: known_persons
-- Those of these persons who have a key.
select id from person where workspace_id = $1 and id = any($2::text[]) order by id;

-- name: made_as
-- As what a workspace was made.
select mode, clock from workspace where workspace_id = $1;

-- name: api_keys
-- What is kept of API keys.
select id, hash, kind, member, created_at, revoked_at from api_key where workspace_id = $1 order by id;

-- name: forms
-- What is kept of links to partners' forms.
select id, digest, person, program, made_by, made_at, expires_at, ended_at from deal_form where workspace_id = $1 order by id;

-- name: with_job
-- Payouts for which work waits that somebody will do.
select distinct subject from job
where workspace_id = $1 and queue = $2 and kind in ('payout.send', 'payout.ask') and done_at is null and not dead;
