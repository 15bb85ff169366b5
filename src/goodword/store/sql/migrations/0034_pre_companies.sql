-- Why: entries are decided under the fifth behaviour from here on, by which a friend is new whose firm was no customer either.

create table company (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  since        bigint,
  sure_since   bigint,
  friends      jsonb not null default '[]',
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table company is 'A firm of customers, by a domain or by what its sender calls it.';
comment on column company.since is 'when somebody there was a customer first, also by the domain of their mail or a mere name';
comment on column company.sure_since is 'when somebody there paid first, of people whose sender names this firm';
comment on column company.friends is 'the newest few who were brought from there';
alter table company alter column workspace_id set statistics 0, alter column id set statistics 10,
  alter column since set statistics 10, alter column sure_since set statistics 10, alter column friends set statistics 10;

alter table customer add column first_paid_at bigint, alter column first_paid_at set statistics 10,
  add column company_as text collate "C", alter column company_as set statistics 10,
  add column domain text collate "C", alter column domain set statistics 10,
  add column domain_of_mail boolean not null default false, alter column domain_of_mail set statistics 10,
  add column staff text collate "C", alter column staff set statistics 10;
comment on column customer.first_paid_at is 'when they paid something first, as far as it was told since firms are looked at';
comment on column customer.company_as is 'by what the firm is named: id, or only its name; null: by nothing that tells it from others';
comment on column customer.domain is 'of their firm, as its sender says, or else of their mail, where strangers have no addresses';
comment on column customer.domain_of_mail is 'whether it is that of their mail';
comment on column customer.staff is 'whether their mail is a member''s, mail, or at the domain of one, domain';

alter table chargeback add column currency text collate "C", alter column currency set statistics 10;
comment on column chargeback.currency is 'in which its amount was said';
