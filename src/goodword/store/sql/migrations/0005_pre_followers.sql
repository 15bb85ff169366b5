-- Why: what follows the log, the figures first, does so behind the commit that decides, by a position of its own.

create table follower (
  workspace_id text collate "C" not null,
  follower     text collate "C" not null,
  position     bigint not null,
  primary key (workspace_id, follower)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table follower alter column workspace_id set statistics 0, alter column follower set statistics 10,
  alter column position set statistics 10;
comment on table follower is
  'How far each follower (app/follow) has read a workspace''s log: moved in the transaction that writes what it made of the entries. '
  'Without a row it has read nothing.';
comment on column follower.position is 'all entries up to this one are taken';

-- Under another name, so that a process of before, which counts in its commits, fails rather than counts twice.
lock table rollup in access exclusive mode;
create table figure (
  workspace_id text collate "C" not null,
  day          text collate "C" not null,
  program      text collate "C" not null,
  metric       text collate "C" not null,
  unit         text collate "C" not null,
  count        bigint not null,
  amount       numeric not null,
  primary key (workspace_id, day, program, metric, unit)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table figure alter column workspace_id set statistics 0, alter column day set statistics 10,
  alter column program set statistics 10, alter column metric set statistics 10, alter column unit set statistics 10,
  alter column count set statistics 10, alter column amount set statistics 10;
insert into figure select workspace_id, day, program, metric, unit, count, amount from rollup;
drop table rollup;
insert into follower (workspace_id, follower, position) select workspace_id, 'figures', position from stream;
comment on table figure is
  'The log summed by day (core/rollup.py names the metrics), so that no page sums the history: true up to the position of the '
  'follower ''figures''. day: the UTC day of the entries'' as_of, such as 2011-03-27, or ''ever'': what an account holds now. '
  'amount is numeric: it sums up everything.';
comment on column figure.program is 'empty: the event names none';
comment on column figure.unit is 'empty: only counted';
