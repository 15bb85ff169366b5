-- Why: sales sees in its CRM who recommended somebody. What is written follows from the log and is made of it again; kept is only what a
-- CRM answered to what was written last, so that the same is not written twice and what it refuses is seen.

create table crm (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  site         text collate "C" not null default '',
  referrer     text collate "C" not null,
  fields       jsonb not null,
  made_by      text collate "C" not null,
  made_at      bigint not null,
  rests_until  bigint not null default 0,
  leased_until bigint not null default 0,
  primary key (workspace_id, source)
) with (fillfactor = 50, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table crm is 'CRMs whose records are written to: who recommended somebody, and what became of that.';
comment on column crm.source is 'the source that tells of the same records, by whose key they are written';
comment on column crm.site is 'the host of the company''s own, where the CRM has one for each';
comment on column crm.referrer is 'what is said of who recommended: name, code or none';
comment on column crm.fields is 'what the CRM calls the fields that are written, by what they are called here';
comment on column crm.rests_until is 'real time before which nothing is written, as the CRM asked';
comment on column crm.leased_until is 'real time until which a worker writes: two would write what was before over what is';

create table crm_record (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  record       bytea not null,
  noun         text collate "C" not null,
  subject      text collate "C" not null,
  state        text collate "C" not null,
  match        text collate "C" not null,
  confidence   text collate "C" not null,
  digest       bytea,
  answered     integer,
  answer       text not null default '',
  at           bigint not null,
  primary key (workspace_id, source, record)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index crm_record_subject on crm_record (workspace_id, subject);
create index crm_record_refused on crm_record (workspace_id, source, at) where state = 'refused';
comment on table crm_record is 'What a CRM answered to what was written last to each of its records.';
comment on column crm_record.record is 'which record, blinded: what a CRM calls somebody names them';
comment on column crm_record.subject is 'the person, or the deal, that it is a record of';
comment on column crm_record.state is 'written; waiting: is tried again; refused: the CRM takes it only after somebody changed something there';
comment on column crm_record.match is 'by what the record is the subject: external_id, mail, association, domain';
comment on column crm_record.digest is 'of what was written last';
comment on column crm_record.answered is 'the status that the CRM answered; null: nothing';
comment on column crm_record.answer is 'codes and names of fields that it gave, nothing that it repeats of what was written';
comment on column crm_record.at is 'real time of the last try';
do $$
declare c record;
begin
  for c in select attrelid::regclass as it, attname from pg_attribute
    where attrelid in ('crm'::regclass, 'crm_record'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.it, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
