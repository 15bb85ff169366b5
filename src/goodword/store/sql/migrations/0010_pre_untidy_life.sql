-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031);
-- what it needs of rows stands here.

-- Acts of members say which they were; of those of before it is known only that there were some. (Not null is said anew, because a
-- constraint is named after its column.)
alter table referral rename column touched_by to acts;
alter table reward rename column touched_by to acts;
alter table payee rename column entered_by to acts;
alter table referral alter column acts drop not null;
alter table reward alter column acts drop not null;
alter table payee alter column acts drop not null;
update referral
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update reward
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update payee
set acts = (select jsonb_agg(jsonb_build_array(who, 'payee.entered') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
alter table referral alter column acts set not null;
alter table reward alter column acts set not null;
alter table payee alter column acts set not null;

-- The rewards of a referral that are neither over nor paid: what stops or moves its money looks for them.
create index reward_open_in on reward (workspace_id, referral) where status in ('pending', 'in_review', 'approved', 'processing');

-- Claims stop what they touch while somebody is still to decide, say what speaks for them and what they did, and can be appealed; so
-- can cases. Those of before stop since they were opened; what was decided before is not appealed.
alter table claim
  add column evidence jsonb not null default '[]',
  add column stops_at bigint,
  add column cases jsonb not null default '[]',
  add column appealed_at bigint,
  add column appeal_until bigint,
  add column acts jsonb not null default '[]',
  add column "between" jsonb not null default '[]',
  add column referral text collate "C",
  add column ended jsonb not null default '[]',
  add column place jsonb;
alter table claim
  alter column evidence set statistics 10,
  alter column stops_at set statistics 10,
  alter column cases set statistics 10,
  alter column appealed_at set statistics 10,
  alter column appeal_until set statistics 10,
  alter column acts set statistics 10,
  alter column "between" set statistics 10,
  alter column referral set statistics 10,
  alter column ended set statistics 10,
  alter column place set statistics 10;
update claim set stops_at = opened_at;
update claim set cases = named.cases
from (
  select about.workspace_id, about.claim, jsonb_agg(about.id order by about.evt, about.id) as cases
  from (
    select workspace_id, id, evt, subject as claim from "case" where kind = 'duplicate_claim'
    union
    select it.workspace_id, it.id, it.evt, flag -> 1 ->> 'claim'
    from "case" as it cross join lateral jsonb_array_elements(it.flags) as flag
    where it.kind = 'flags' and not exists (
      select from jsonb_array_elements(it.flags) as other where other ->> 0 <> 'duplicate_claim'
    )
  ) as about
  group by about.workspace_id, about.claim
) as named
where named.workspace_id = claim.workspace_id and named.claim = claim.id;
alter table "case"
  add column appealed_at bigint,
  add column appeal_until bigint,
  add column acts jsonb not null default '[]',
  add column "between" jsonb not null default '[]';
alter table "case"
  alter column appealed_at set statistics 10,
  alter column appeal_until set statistics 10,
  alter column acts set statistics 10,
  alter column "between" set statistics 10;
create index claim_open_of on claim (workspace_id, friend) where status in ('open', 'appealed');

-- What a claim or a case took of a reward, whether a claim moved it, and whether what was sent too much is netted or asked back.
alter table reward
  add column taken_by text collate "C",
  add column by_claim boolean not null default false,
  add column owed_back text collate "C" not null default 'net';
alter table reward
  alter column taken_by set statistics 10,
  alter column by_claim set statistics 10,
  alter column owed_back set statistics 10;
