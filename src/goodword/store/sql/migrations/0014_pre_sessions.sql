-- Why: members come to the console by a link that is printed for them, and stay signed in.

create table login (
  hash         bytea not null,
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  expires_at   bigint not null,
  primary key (hash)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);

create table session (
  hash         bytea not null,
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  opened_at    bigint not null,
  seen_at      bigint not null,
  expires_at   bigint not null,
  agent        text not null default '',
  primary key (hash)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index session_member on session (workspace_id, member);
comment on column session.seen_at is 'real time: when it was last used, to the minute';
comment on column session.expires_at is 'real time: when it ends, however much it is used';
comment on column session.agent is 'what the browser called itself';
alter table login alter column hash set statistics 10, alter column workspace_id set statistics 0,
  alter column member set statistics 10, alter column expires_at set statistics 10;
alter table session alter column hash set statistics 10, alter column workspace_id set statistics 0,
  alter column member set statistics 10, alter column opened_at set statistics 10, alter column seen_at set statistics 10,
  alter column expires_at set statistics 10, alter column agent set statistics 10;
comment on table login is
  'Links that sign a member in once, by the SHA-256 of what stands in them: gone when they were used. Looked up before the workspace is known.';
comment on table session is
  'Who is signed in at the console, by the SHA-256 of what their browser sends. Looked up before the workspace is known.';
