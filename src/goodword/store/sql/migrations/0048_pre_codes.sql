-- Why: a company uploads codes that are given out as rewards: each to one payout, ever, which a key holds and nothing that is written can
-- change. What a code reads stands apart, sealed, beside the digest by which a second one of the kind is refused.

create table stock (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  name         text collate "C" not null,
  program      text collate "C",
  unit         text collate "C" not null,
  amount       bigint not null,
  size         bigint not null,
  given        bigint not null default 0,
  low          bigint not null default 0,
  ends_at      bigint,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  check (amount > 0 and given >= 0 and given <= size)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index stock_unit on stock (workspace_id, unit, id);
comment on table stock is 'Codes that the company uploaded at once, numbered from 1, each worth an amount of a unit.';
comment on column stock.given is 'the codes up to this number were given out';
comment on column stock.low is 'so many left are too few';

create table handout (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  stock        text collate "C" not null,
  number       bigint not null,
  payout       text collate "C" not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index handout_code on handout (workspace_id, stock, number);
create index handout_payout on handout (workspace_id, payout);
comment on table handout is 'One code of a stock that a payout got: no other ever does. Rows are only added.';

create table code_text (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  blind        bytea not null,
  sealed       bytea not null,
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index code_text_blind on code_text (workspace_id, blind);
comment on table code_text is 'What codes read: a secret, which no log has.';
comment on column code_text.id is 'the stock and the number of a code';
comment on column code_text.blind is 'keyed digest of the text, by which a repeat is refused';

create index payout_awaits on payout (workspace_id, unit) where status = 'released' and reason = 'codes_awaited';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('stock'::regclass, 'handout'::regclass, 'code_text'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
