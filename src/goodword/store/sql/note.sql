-- name: add
-- Text that a person typed; its digest is the id by which the log knows it.
insert into note (workspace_id, id, sealed) values ($1, $2, $3) on conflict (workspace_id, id) do nothing;

-- name: erase
-- Texts go; their digests stay in the log.
delete from note where workspace_id = $1 and id = any($2::text[]);

-- name: entries
-- The entries beside which somebody typed a text. Reads the whole log: for an erasure.
select leaf from log where workspace_id = $1 and position('"note":'::bytea in leaf) > 0;

-- name: every
-- All texts, for verification.
select id, sealed from note where workspace_id = $1;

-- name: things
-- The rewards, orders, payouts, claims, registrations and cases that concern persons. Reads these whole: likewise.
with owed as (
  select id from reward where workspace_id = $1 and (beneficiary = any($2::text[]) or friend = any($2))
), bought as (
  select id from conversion where workspace_id = $1 and person = any($2)
), said as (
  select id from claim
  where workspace_id = $1 and (friend = any($2) or entered_by = any($2) or jsonb_path_query_array(shares, '$[*].person') ?| $2)
)
select id from owed
union select id from bought
union select id from payout where workspace_id = $1 and beneficiary = any($2)
union select id from said
union select id from registration where workspace_id = $1 and (person = any($2) or advocate = any($2))
union select id from "case" where workspace_id = $1 and (
  person = any($2) or
  subject in (select id from said union all select id from bought)
  or subject in (select id from advocate where workspace_id = $1 and person = any($2))
  or rewards ?| array(select id from owed)
);

-- name: find
-- The sealed text.
select sealed from note where workspace_id = $1 and id = $2;

-- name: each
-- The sealed texts of these.
select id, sealed from note where workspace_id = $1 and id = any($2::text[]);

-- name: registered
-- The entries by which deals were registered. Reads the whole log: for an erasure.
select leaf from log where workspace_id = $1 and position('"deal.registered"'::bytea in leaf) > 0;

-- name: erase_said
-- What was written of these persons by these events goes.
delete from personal using unnest($2::text[], $3::text[]) as said (person, evt)
where workspace_id = $1 and personal.person = said.person and personal.evt = said.evt;
