-- Why: a workspace may have several hosts, as links that were printed live on; new ones are given at the one that was set last.

alter table directory
  add column since bigint not null default 0, alter column since set statistics 10;
comment on column directory.since is 'real time: when it was set; links are given at the newest';
create index directory_workspace on directory (workspace_id);
