-- Why: banks say whether an account is known by the name in somebody's payment details. The answer stands with the payee; the name that a
-- bank suggests is personal, and sealed with the details.

alter table payee
  add column checked jsonb,
  add column asked jsonb not null default '[]',
  add column refused jsonb not null default '[]';
comment on column payee.checked is 'what was answered last about these very details: answer, who said it, when';
comment on column payee.asked is 'open cases about answers: until they are closed nothing goes to this payee';
comment on column payee.refused is 'digests of details that a person found to be another''s';

alter table payee_detail add column suggested bytea;
comment on column payee_detail.suggested is 'sealed under the person''s own key: the name by which a bank knows the account';

do $$
declare c record;
begin
  for c in
    select attrelid::regclass as of, attname from pg_attribute
    where (attrelid = 'payee'::regclass and attname in ('checked', 'asked', 'refused'))
      or (attrelid = 'payee_detail'::regclass and attname = 'suggested')
  loop
    execute format('alter table %s alter column %I set statistics 10', c.of, c.attname);
  end loop;
end $$;

-- Why, too: a bank may refuse a file as a whole, by its name. Which payouts stood in it is known only if it was registered as it was
-- handed out.

create table handover (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  form         text collate "C" not null,
  digest       text collate "C" not null,
  count        bigint not null,
  sums         jsonb not null default '{}',
  payouts      jsonb not null default '[]',
  debtor       text collate "C",
  day          text collate "C",
  times        bigint not null,
  by           text collate "C" not null,
  at           bigint not null,
  last_by      text collate "C" not null,
  last_at      bigint not null,
  refused_at   bigint,
  reason       text collate "C",
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index handover_last on handover (workspace_id, last_at);
comment on table handover is 'A file for the bank as it was handed out, known by what it pays and from where.';
comment on column handover.digest is 'SHA-256 of the bytes that left last';
comment on column handover.debtor is 'the digest of the account that it pays from';
comment on column handover.refused_at is 'when a bank''s word was taken that it refused the file as a whole';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'handover'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
