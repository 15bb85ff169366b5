-- Why: people mistake O for 0 and l for 1, and write spaces: what they type finds the code that was enrolled and looks like it.

alter table code add column means text collate "C";
alter table code alter column means set statistics 10;
comment on column code.means is 'the code that was enrolled and looks like this one';
create index code_means on code (workspace_id, means) where means is not null;

create table page_view (
  workspace_id text collate "C" not null,
  code         text collate "C" not null,
  day          integer not null,
  people       bigint not null,
  bots         bigint not null,
  primary key (workspace_id, code, day)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table page_view is 'How often the page that friends see was opened, by code and day. Figures for people; no decision looks at them.';
comment on column page_view.day is 'days since 1970-01-01 in UTC';
comment on column page_view.bots is 'by programs, such as previews of links';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'page_view'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
