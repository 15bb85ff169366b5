-- Why: an account that a person found to be another's is not paid to under a new name either. The digest of details has the name in it.

alter table payee add column account text collate "C";
alter table payee alter column account set statistics 10;
comment on column payee.account is 'the digest of the account alone; null: it has no IBAN, or was not remembered';
comment on column payee.refused is 'digests of details that a person found to be another''s, and of the accounts in them';
