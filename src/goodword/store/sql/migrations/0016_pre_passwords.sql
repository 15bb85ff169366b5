-- Why: members sign in by a password and a second factor, and who guesses waits longer each time.

create table credential (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  password     bytea,
  password_at  bigint not null default 0,
  secret       bytea,
  secret_on    boolean not null default false,
  step         bigint not null default 0,
  codes        bytea[],
  primary key (workspace_id, member)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table credential is 'By what a member signs in besides links.';
comment on column credential.password is 'Argon2id of the password, under a keyed digest of the workspace; null: none';
comment on column credential.password_at is 'real time: when it was set';
comment on column credential.secret is 'the sealed secret of the second factor (TOTP); null: none';
comment on column credential.secret_on is 'whether a code of it was right once, so that it is asked for';
comment on column credential.step is 'the last half minute whose code was used; no earlier one is taken';
comment on column credential.codes is 'SHA-256 of the recovery codes that were not used';
alter table credential alter column workspace_id set statistics 0, alter column member set statistics 10,
  alter column password set statistics 10, alter column password_at set statistics 10, alter column secret set statistics 10,
  alter column secret_on set statistics 10, alter column step set statistics 10, alter column codes set statistics 10;

create table attempt (
  key    bytea not null,
  failed integer not null,
  until  bigint not null,
  at     bigint not null,
  primary key (key)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table attempt is 'Wrong tries to sign in, by the SHA-256 of an account, an address, or both. Looked up before the workspace is known.';
comment on column attempt.failed is 'how many in a row, the one that is being made included';
comment on column attempt.until is 'real time: when the next one is looked at';
comment on column attempt.at is 'real time: when the last one was';
alter table attempt alter column key set statistics 10, alter column failed set statistics 10, alter column until set statistics 10,
  alter column at set statistics 10;
