-- Why: a table of the workspace says which role decides a reward, who stands in for it, and within how many days. Its versions never
-- change; a reward keeps the route by which it is decided.

create table routing (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  versions     jsonb not null default '[]',
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table routing is 'Who decides which reward, and by when: the tables of the workspace, in one row.';
comment on column routing.versions is 'the oldest first; none ever changes, and the last one holds';

alter table reward add column route jsonb, alter column route set statistics 10;
comment on column reward.route is 'table, name and place of its route, the role and the fallback that decide it, within how many days, and what it was chosen by';

create index reward_promised on reward (workspace_id, decide_by) where status = 'in_review' and route is not null;
create index reward_decided on reward (workspace_id, approved_at) where approved_at is not null and route is not null;

do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'routing'::regclass and attnum > 0
  loop
    execute format('alter table routing alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
