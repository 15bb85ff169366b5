-- Why: an advocate comes to the portal by a link that is mailed to them or by a token that the company's app signed, and stays signed in.
-- Of links, sessions and tokens only digests are kept.

create table portal_link (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  asked        text collate "C" not null,
  persons      jsonb not null,
  expires_at   bigint not null,
  used_at      bigint,
  primary key (workspace_id, hash)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index portal_link_asked on portal_link (workspace_id, asked);
comment on table portal_link is 'Links that sign a person in at the portal once, by the SHA-256 of what stands in them. Instants are of the real clock.';
comment on column portal_link.asked is 'the job that mails it: the row is written before the mail is handed over, so that it is mailed once';
comment on column portal_link.persons is 'whose accounts the mail is; of several one is chosen. Gone with any of them that is erased';
comment on column portal_link.used_at is 'kept until it is over, so that no mail is sent again';

create table portal_session (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  person       text collate "C" not null,
  way          text collate "C" not null check (way in ('mail', 'app')),
  opened_at    bigint not null,
  expires_at   bigint not null,
  primary key (workspace_id, hash)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index portal_session_person on portal_session (workspace_id, person);
comment on table portal_session is 'Who is signed in at the portal, by the SHA-256 of what their browser sends. Instants are of the real clock.';
comment on column portal_session.way is 'by what they came: a mailed link, or a token of the company''s own app';

create table portal_token (
  workspace_id text collate "C" not null,
  hash         bytea not null,
  expires_at   bigint not null,
  primary key (workspace_id, hash)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table portal_token is 'Tokens of a company''s own app that were used, by the SHA-256 of their jti, until they are over: each opens once.';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('portal_link'::regclass, 'portal_session'::regclass, 'portal_token'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
