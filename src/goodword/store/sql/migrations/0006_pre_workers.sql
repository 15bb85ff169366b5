-- Why: whether anybody decides is to be seen from every process, how old each key is, and what was given up, without a look at all jobs.

create table worker (
  id      text collate "C" not null primary key,
  seen_at timestamptz not null
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table worker alter column id set statistics 10, alter column seen_at set statistics 10;
comment on table worker is
  'Processes that decide and do jobs. Each writes a row again every few seconds and takes it back when it ends in order.';
comment on column worker.seen_at is 'by the clock of the database, so that clocks of machines need not agree';

create table master_key (
  id    text collate "C" not null primary key,
  since timestamptz not null
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table master_key alter column id set statistics 10, alter column since set statistics 10;
comment on table master_key is 'Since when a worker has had which master key, by the id that names it. Tells nothing of the key.';

create index job_dead on job (workspace_id, kind) where dead;
create index api_key_age on api_key (created_at) where revoked_at is null;
