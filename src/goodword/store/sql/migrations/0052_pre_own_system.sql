-- Why: a company's own shop or loyalty engine books rewards by a signed call. Where it is, and by what it is asked, is known for each
-- workspace once; what that is stands sealed.

create table own_system (
  workspace_id text collate "C" not null,
  kind         text collate "C" not null,
  address      text collate "C" not null default '',
  secrets      bytea not null,
  made_by      text collate "C" not null,
  made_at      bigint not null,
  primary key (workspace_id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table own_system is 'The company''s own system that books rewards, for each workspace that named one.';
comment on column own_system.kind is 'how it is called: by signed requests, or as the API that it is has it';
comment on column own_system.address is 'where it is: an address that somebody named, a host, or nothing where all of the kind are at one';
comment on column own_system.secrets is 'sealed: what signs requests, the newest first, or the key by which it is asked';

create index payout_own_system on payout (workspace_id, status) where rail = 'own_system' and status in ('released', 'processing', 'unknown');

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'own_system'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
