-- Why: a month of completed payouts is looked at by somebody who had no part in them, and signed; that it was is kept and shown.

create table audit (
  workspace_id text collate "C" not null,
  month        text collate "C" not null,
  list_sha256  text collate "C" not null,
  size         bigint not null,
  head         bigint not null,
  root         text collate "C" not null,
  findings     jsonb not null default '[]',
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, month)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table audit is 'That somebody looked at the payouts of a month and signed: the last time.';
comment on column audit.list_sha256 is 'the digest of the outliers and the sample that were looked at';
comment on column audit.head is 'the size of the signed head that the sample was drawn by, and root its root';
comment on column audit.findings is 'the payouts of which something was found';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'audit'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
