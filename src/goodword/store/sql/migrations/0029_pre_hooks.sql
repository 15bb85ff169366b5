-- Why: other systems sign what they send with secrets of their own, and tell of a payment before they say which invoice it paid.

alter table api_key drop constraint api_key_kind_check;
alter table api_key add constraint api_key_kind_check check (kind in ('sk', 'wk', 'pk', 'mk', 'hs'));
alter table api_key add column source text collate "C" not null default '';
alter table api_key add column sealed bytea;
comment on column api_key.source is 'of a secret (hs): the source that signs with it';
comment on column api_key.sealed is 'of a secret (hs): its text, sealed with the key for texts of the workspace';

create table payment (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,
  invoice      text collate "C",
  primary key (workspace_id, source, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table payment is
  'By which payments invoices were paid, where a source says so by itself. What names an invoice by its payment alone is resolved by it.';
comment on column payment.invoice is 'null: something was said of the payment, and not yet of which invoice it is';

create table held (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  payment      text collate "C" not null,
  id           text collate "C" not null,
  at           bigint not null,
  body         bytea not null,
  primary key (workspace_id, source, payment, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table held is
  'What came and names a payment whose invoice is not known: it is accepted when that is said. Amounts and outside ids, nothing of persons.';
comment on column held.at is 'real time: when it came';
comment on column held.body is 'the native event, without its invoice';
alter table payment alter column workspace_id set statistics 0, alter column source set statistics 10, alter column id set statistics 10,
  alter column invoice set statistics 10;
alter table held alter column workspace_id set statistics 0, alter column source set statistics 10,
  alter column payment set statistics 10, alter column id set statistics 10, alter column at set statistics 10,
  alter column body set statistics 10;
alter table api_key alter column source set statistics 10, alter column sealed set statistics 10;
