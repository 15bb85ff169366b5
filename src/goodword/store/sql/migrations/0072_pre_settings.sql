-- Why: a person enters at the portal where they are paid; other details wait for their word by mail, and then a day, beside those that hold.

alter table payee add column entering jsonb, alter column entering set statistics 10;
alter table payee_detail
  add column entering_rail text collate "C", alter column entering_rail set statistics 10,
  add column entering_digest text collate "C", alter column entering_digest set statistics 10,
  add column entering bytea, alter column entering set statistics 10,
  add column link bytea, alter column link set statistics 10,
  add column mailed text collate "C", alter column mailed set statistics 10;
create unique index payee_detail_link on payee_detail (workspace_id, link) where link is not null;

comment on column payee.entering is 'other details that the person entered and that do not hold yet: rail, digests, when, and from when they hold';
comment on column payee_detail.entering_rail is 'the rail of what the person entered and does not hold yet';
comment on column payee_detail.entering_digest is 'its digest';
comment on column payee_detail.entering is 'what it says, sealed as the details are';
comment on column payee_detail.link is 'SHA-256 of the link by which they confirm it or take it back';
comment on column payee_detail.mailed is 'the job that mailed this link, which may have arrived';
