-- Why: a partner registers a sale, and a CRM says what becomes of it. What a CRM said last of a deal, what a partner registered, and
-- which of them concern a company, so that a conflict is found by the company and never by a scan.

create table deal (
  workspace_id   text collate "C" not null,
  id             text collate "C" not null,
  status         text collate "C" not null,
  at             bigint not null,
  evt            text collate "C" not null,
  opened_at      bigint not null,
  since          jsonb not null,
  company        text collate "C",
  company_domain text collate "C",
  company_ref    text collate "C",
  person         text collate "C",
  stage          text collate "C",
  amount         bigint,
  currency       text collate "C",
  code           text collate "C",
  registration   text collate "C",
  linked_at      bigint not null default 0,
  led_by         text collate "C",
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table deal is 'Sales as a CRM said of them last; without a registration they are our own.';
comment on column deal.since is 'status -> when it was first said to be so';

create table registration (
  workspace_id    text collate "C" not null,
  id              text collate "C" not null,
  program         text collate "C" not null,
  advocate        text collate "C" not null,
  person          text collate "C" not null,
  code            text collate "C" not null,
  status          text collate "C" not null,
  at              bigint not null,
  evt             text collate "C" not null,
  company         text collate "C" not null,
  company_domain  text collate "C",
  company_ref     text collate "C",
  amount          bigint,
  currency        text collate "C",
  conflicts       jsonb not null default '[]',
  accepted_at     bigint,
  protected_until bigint,
  reason          text collate "C",
  decided_by      text collate "C",
  decided_evt     text collate "C",
  deals           jsonb not null default '[]',
  acts            jsonb not null default '[]',
  messages        jsonb not null default '[]',
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index registration_status on registration (workspace_id, status, id);
create index registration_advocate on registration (workspace_id, advocate, id);
comment on table registration is 'Sales that partners say to bring; from its acceptance until protected_until the company is the partner''s.';
comment on column registration.person is 'whom the partner speaks with';
comment on column registration.messages is 'what partner and sales wrote: side, by whom, when, and the digest of the text';

create table prospect (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  open          jsonb not null default '{}',
  won           jsonb not null default '{}',
  registrations jsonb not null default '[]',
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table prospect is 'Companies seen from the side of selling: deals of our own with them, and what partners registered.';
comment on column prospect.open is 'deals of our own that are open, and when each was opened';

alter table lead add column registration text collate "C", alter column registration set statistics 10;
comment on column lead.registration is 'the accepted registration that brought them';

do $$
declare c record;
begin
  for c in select attrelid::regclass as it, attname from pg_attribute
    where attrelid in ('deal'::regclass, 'registration'::regclass, 'prospect'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.it, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
