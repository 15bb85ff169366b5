-- Why: entries are decided under the fourth behaviour from here on, by which who approves what is flagged has opened its evidence.

alter table reward add column marks jsonb not null default '[]', alter column marks set statistics 10,
  add column opened_by jsonb not null default '[]', alter column opened_by set statistics 10;
comment on column reward.marks is 'flags that were raised on it, each with when and by which case, the newest last';
comment on column reward.opened_by is 'members who opened its evidence since the last of them';

-- An issue of a customer that is not closed is a reason to look closer at what others earn by them.
alter table customer add column issues jsonb not null default '[]', alter column issues set statistics 10;
comment on column customer.issues is 'issues with the company that are not closed, the oldest first';

-- A case is somebody's, is due, is spoken about, can be put aside, and says in the end whether it was worth a look.
alter table "case" add column assignee text collate "C", alter column assignee set statistics 10,
  add column due_at bigint, alter column due_at set statistics 10,
  add column snoozed_until bigint, alter column snoozed_until set statistics 10,
  add column comments jsonb not null default '[]', alter column comments set statistics 10,
  add column worth text collate "C", alter column worth set statistics 10;
comment on column "case".assignee is 'the member whose it is';
comment on column "case".due_at is 'by when it is to be decided';
comment on column "case".snoozed_until is 'put aside until then';
comment on column "case".comments is 'who typed what when, by the digest of its note';
comment on column "case".worth is 'whether its flags were worth a look: confirmed, useful or false_alarm';
