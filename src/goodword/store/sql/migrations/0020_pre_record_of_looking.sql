-- Why: who saw what is not shown to everybody at once stands on the record of what they looked at.

create table look (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  subject      text collate "C" not null,
  what         text collate "C" not null,
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  fields       jsonb not null default '[]',
  seconds      bigint,
  note         text collate "C",
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index look_subject on look (workspace_id, subject, id);
alter table look alter column workspace_id set statistics 0, alter column id set statistics 10,
  alter column subject set statistics 10, alter column what set statistics 10, alter column by set statistics 10,
  alter column at set statistics 10, alter column evt set statistics 10, alter column fields set statistics 10,
  alter column seconds set statistics 10, alter column note set statistics 10;
comment on table look is 'Who looked at what, or took it with them, and when: one row each, never changed. In order of time by id.';
comment on column look.subject is 'the id of what was looked at, or the digest of the list or file';
comment on column look.what is 'unmasked, opened, exported or downloaded';
comment on column look.fields is 'names of the personal fields that were shown';
comment on column look.seconds is 'how long evidence was open';
