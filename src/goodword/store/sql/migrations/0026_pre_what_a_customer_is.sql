-- Why: a customer has a language, a time zone and a firm, and agreed to something or took it back.

alter table customer add column language text, alter column language set statistics 10;
comment on column customer.language is 'a tag of BCP 47';
alter table customer add column time_zone text, alter column time_zone set statistics 10;
comment on column customer.time_zone is 'a name of the IANA list';
alter table customer add column company text, alter column company set statistics 10;
comment on column customer.company is 'the firm that they belong to';
alter table customer add column consents jsonb not null default '{}', alter column consents set statistics 10;
comment on column customer.consents is 'what they agreed to, by purpose and channel, and until when';
