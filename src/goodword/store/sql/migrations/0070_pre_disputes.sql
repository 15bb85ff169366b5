-- Why: a person says at the portal that a decision is not right, or claims a friend whom they miss, and writes with the team about it.

alter table "case" add column person text collate "C", add column reason text collate "C", add column messages jsonb not null default '[]';
alter table claim add column messages jsonb not null default '[]';
alter table "case" alter column person set statistics 10, alter column reason set statistics 10, alter column messages set statistics 10;
alter table claim alter column messages set statistics 10;
comment on column "case".person is 'who disputes by it what was decided; null: no person did';
comment on column "case".reason is 'why they do';
comment on column "case".messages is 'what they and the team wrote: side, by whom, when, and the digest of the text';
comment on column claim.messages is 'what the person who entered it and the team wrote likewise';
create index case_person on "case" (workspace_id, person, id) where person is not null;
create unique index case_one_dispute on "case" (workspace_id, subject) where person is not null and status in ('open', 'appealed');
create index claim_of_person on claim (workspace_id, entered_by, id) where entered_by like 'per\_%';
create index case_of_persons on "case" (workspace_id, id) where person is not null and status in ('open', 'appealed');
create index claim_of_persons on claim (workspace_id, id) where entered_by like 'per\_%' and status in ('open', 'appealed');
