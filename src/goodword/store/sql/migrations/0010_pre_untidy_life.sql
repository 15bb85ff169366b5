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

-- Four eyes: who made a member and whether somebody else confirmed them, what waits for another owner, who rejected first, and when
-- payment details became what they are. Members of before are people of their own, and of details of before the day is not known.
alter table member
  add column made_by text collate "C", alter column made_by set statistics 10,
  add column confirmed boolean not null default true, alter column confirmed set statistics 10;
comment on column member.made_by is 'who set them up first';
comment on column member.confirmed is 'somebody else than made_by said that they are another person';
alter table payee add column changed_at bigint, alter column changed_at set statistics 10;
alter table reward
  add column rejecting jsonb not null default '[]', alter column rejecting set statistics 10,
  add column reject_list text collate "C", alter column reject_list set statistics 10;
create table change (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  kind         text collate "C" not null,
  subject      text collate "C" not null,
  "to"         jsonb not null,
  status       text collate "C" not null,
  asked_by     text collate "C" not null,
  asked_at     bigint not null,
  evt          text collate "C" not null,
  decided_by   text collate "C",
  decided_at   bigint,
  decided_evt  text collate "C",
  primary key (workspace_id, id)
);
create index change_subject on change (workspace_id, subject, id);
