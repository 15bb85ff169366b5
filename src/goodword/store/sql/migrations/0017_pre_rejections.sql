-- Why: what was sent and refused can be looked at for a while.

create table rejection (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  at           bigint not null,
  source       text collate "C" not null,
  key          text collate "C" not null,
  code         text collate "C" not null,
  field        text collate "C" not null default '',
  sent_as      text collate "C" not null default '',
  count        bigint not null,
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table rejection is
  'What was sent with a key and refused, of late: nothing of what it held. The newest some thousands of a workspace, for two weeks.';
comment on column rejection.at is 'real time: when it was refused last';
comment on column rejection.key is 'the id of the key that sent it';
comment on column rejection.field is 'what was wrong; empty: the whole of it';
comment on column rejection.sent_as is 'the id that its sender gave it, if that is a token';
comment on column rejection.count is 'how often within a second; code dropped: so many more, of which no more is known';
alter table rejection alter column workspace_id set statistics 0, alter column id set statistics 10, alter column at set statistics 10,
  alter column source set statistics 10, alter column key set statistics 10, alter column code set statistics 10,
  alter column field set statistics 10, alter column sent_as set statistics 10, alter column count set statistics 10;
