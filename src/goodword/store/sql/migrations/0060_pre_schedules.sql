-- Why: drafts of payouts are made on days that a member chose, so that nobody has to remember them; who made a draft is told by it.

create table schedule (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C",
  plan         jsonb not null,
  next_at      bigint,
  ran_at       bigint,
  gathered     bigint,
  ran_evt      text collate "C",
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table schedule is 'When drafts of payouts are made of what is due.';
comment on column schedule.program is 'whose rewards alone are gathered; null: those of all';
comment on column schedule.plan is 'the rail, the unit, and the days and the hour in a zone';
comment on column schedule.next_at is 'null: it is stopped';
comment on column schedule.ran_at is 'the last instant of this plan whose drafts were ordered, and gathered how many payouts that made';

alter table payout add column schedule text collate "C";
alter table payout alter column schedule set statistics 10;
comment on column payout.schedule is 'by which it was drafted; who set that counts as who drafted it';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'schedule'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
