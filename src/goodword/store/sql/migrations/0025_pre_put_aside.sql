-- Why: rewards in review are put aside for a while, and claims are commented on.

alter table reward add column snoozed_until bigint, alter column snoozed_until set statistics 10;
comment on column reward.snoozed_until is 'put aside until then';
alter table reward add column snoozed_evt text collate "C", alter column snoozed_evt set statistics 10;
comment on column reward.snoozed_evt is 'the event by which it was last put aside or taken back';
alter table referral add column aside jsonb not null default '[]', alter column aside set statistics 10;
comment on column referral.aside is 'its rewards that a person put aside: what comes of it brings them back';
alter table claim add column comments jsonb not null default '[]', alter column comments set statistics 10;
comment on column claim.comments is 'what members said about it: by whom, when, and the digest of the text';

-- The queue leaves out what is put aside, and counts it apart; few are at a time.
create index reward_aside on reward (workspace_id, snoozed_until, id) where status = 'in_review' and snoozed_until is not null;
