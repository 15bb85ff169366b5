-- Why: what a bank says of payouts is taken from its files, each line once in whichever files it stands; what came of it is shown.

create table statement (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  file         text collate "C" not null,
  form         text collate "C" not null,
  number       text collate "C",
  account      text collate "C",
  unit         text collate "C",
  opening      bigint,
  closing      bigint,
  first        text collate "C",
  last         text collate "C",
  size         bigint not null,
  others       bigint not null default 0,
  matched      bigint not null default 0,
  repeated     bigint not null default 0,
  waiting      bigint not null default 0,
  differing    bigint not null default 0,
  unknown      bigint not null default 0,
  by           text collate "C" not null,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table statement is 'What a bank''s file said at once, as far as it was taken.';
comment on column statement.file is 'SHA-256 of the file from which it was taken first';
comment on column statement.account is 'the last characters of the company''s account';
comment on column statement.others is 'lines that concern no payout: nothing else of them is kept';

create table booking (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  statement    text collate "C" not null,
  payout       text collate "C",
  said         text collate "C" not null,
  amount       bigint,
  unit         text collate "C",
  day          text collate "C",
  reference    text collate "C",
  reason       text collate "C",
  differs      text collate "C",
  "case"       text collate "C",
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index booking_payout on booking (workspace_id, payout);
comment on table booking is 'What a bank said of a payout, once, in whichever files it says so. Rows are only added.';
comment on column booking.payout is 'what the line names, whether there is such a payout or not';
comment on column booking.differs is 'how it is not as we know it; then there is a case';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('statement'::regclass, 'booking'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
