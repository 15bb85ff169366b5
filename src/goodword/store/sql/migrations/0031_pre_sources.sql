-- Why: of each source it is seen when it delivered last, what came, what of it means nothing here, and whether it has gone silent.

create table source (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  last_at      bigint not null,
  primary key (workspace_id, source)
) with (fillfactor = 50, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table source is 'Which sources have ever delivered, and when last: a figure, written after what came was stored; it decides nothing.';
comment on column source.last_at is 'real time: when it delivered last';
alter table source alter column workspace_id set statistics 0, alter column source set statistics 10, alter column last_at set statistics 10;

create table source_count (
  workspace_id text collate "C" not null,
  day          integer not null,
  source       text collate "C" not null,
  kind         text collate "C" not null,
  name         text collate "C" not null,
  count        bigint not null,
  primary key (workspace_id, day, source, kind, name)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table source_count is
  'What a source delivered on a day, for 90 days: figures, and no second truth. A process that is killed loses those of its last second.';
comment on column source_count.day is 'days since 1970-01-01 in UTC, of real time';
comment on column source_count.kind is
  'accepted, repeat, conflict, refused, ignored: items; unknown: fields; gap: pauses before a delivery';
comment on column source_count.name is
  'which: of refused the code and the field, of ignored what it calls itself, of unknown the path, of gap the bucket of its minutes; empty: any other';
alter table source_count alter column workspace_id set statistics 0, alter column day set statistics 10,
  alter column source set statistics 10, alter column kind set statistics 10, alter column name set statistics 10,
  alter column count set statistics 10;
