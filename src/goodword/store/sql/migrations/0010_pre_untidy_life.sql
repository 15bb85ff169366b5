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

-- Who has an address of a provider that gives addresses for minutes: nobody of before, for it was not looked at.
alter table customer add column disposable boolean not null default false, alter column disposable set statistics 10;
alter table customer alter column disposable drop default;
