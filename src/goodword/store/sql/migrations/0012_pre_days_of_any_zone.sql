-- Why: figures are told by the days of any zone, and by when things occurred too, so they are kept by quarters of an hour.

-- What stands by days cannot be told apart: the follower makes all of it anew from the log. A process of before finds no column "day".
drop table figure;
create table figure (
  workspace_id text collate "C" not null,
  slot         text collate "C" not null,
  program      text collate "C" not null,
  metric       text collate "C" not null,
  unit         text collate "C" not null,
  basis        text collate "C" not null,
  count        bigint not null,
  amount       numeric not null,
  primary key (workspace_id, slot, program, metric, unit, basis)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table figure alter column workspace_id set statistics 0, alter column slot set statistics 10,
  alter column program set statistics 10, alter column metric set statistics 10, alter column unit set statistics 10,
  alter column basis set statistics 10, alter column count set statistics 10, alter column amount set statistics 10;
delete from follower where follower = 'figures';
comment on table figure is
  'The log summed by quarters of an hour (core/rollup.py names the metrics), so that no page sums the history: true up to the position of '
  'the follower ''figures''. amount is numeric: it sums up everything.';
comment on column figure.slot is
  'the quarter of an hour in UTC, such as 2011-03-27T00:15, or ''ever'': what an account holds now';
comment on column figure.basis is 'whether it was decided then, occurred then, or both';
comment on column figure.program is 'empty: the event names none';
comment on column figure.unit is 'empty: only counted';
