-- Why: what is paid to each payee in a calendar year is held against thresholds of the law from which a form of theirs is needed.

create table reporting (
  workspace_id  text collate "C" not null,
  id            text collate "C" not null,
  jurisdictions jsonb not null default '[]',
  timezone      text collate "C" not null,
  since         bigint not null,
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table reporting is 'Where the workspace reports what it pays, in one row.';
comment on column reporting.since is 'from when on what is paid was counted';

create table taxform (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  jurisdiction text collate "C" not null,
  form         text collate "C",
  digest       text collate "C",
  signed       text collate "C",
  until        text collate "C",
  by           text collate "C",
  at           bigint,
  asked_for    text collate "C",
  asked_at     bigint,
  primary key (workspace_id, person, jurisdiction)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table taxform is 'The form of a payee for a jurisdiction: of which kind, and until when it holds. What it says is sealed elsewhere.';
comment on column taxform.form is 'absent while one was only asked for';
comment on column taxform.asked_for is 'the year for which a form is asked for, and not there yet';
create index taxform_awaited on taxform (workspace_id, jurisdiction) where asked_for is not null;

-- What forms say, sealed under the key of their person; it goes when they are erased.
create table tax_form_detail (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  jurisdiction text collate "C" not null,
  digest       text collate "C" not null,
  sealed       bytea not null,
  primary key (workspace_id, person, jurisdiction)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table tax_form_detail is 'What the form of a payee says, sealed.';

alter table payout add column paid_on text collate "C", alter column paid_on set statistics 10;
comment on column payout.paid_on is 'the day on which it counts as paid: of its release, and then of its completion';

create index counter_paid on counter (workspace_id, period, person) where kind = 'paid';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('reporting'::regclass, 'taxform'::regclass, 'tax_form_detail'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
