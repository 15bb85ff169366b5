-- Why: what waits for people is told to them by mail. A mail of a day is a row of its own, so that it is written once whoever looks, and
-- begun once whoever sends it; a cause that was told is not told again until it was over.

create table staff_mail (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  kind         text collate "C" not null check (kind in ('digest', 'urgent')),
  day          text collate "C" not null,
  number       integer not null check (number >= 1),
  written_at   bigint not null,
  begun_at     bigint,
  primary key (workspace_id, member, kind, day, number)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table staff_mail is 'Mails to members: the digest of a day, also of one on which nothing waited, and urgent ones, numbered. Kept for 30 days.';
comment on column staff_mail.begun_at is 'when its text was begun to be given to the mail server: from then on it may have arrived, and is not sent again';

create table told_cause (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  cause        text collate "C" not null,
  told_at      bigint not null,
  primary key (workspace_id, member, cause)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table told_cause is 'Why a member was mailed at once, as long as it lasts.';

create table mail_wish (
  workspace_id text collate "C" not null,
  member       text collate "C" not null,
  wants        text collate "C" not null check (wants in ('off', 'digest', 'urgent')),
  said_at      bigint not null,
  primary key (workspace_id, member)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table mail_wish is 'What mail a member wants, for who has said so: none, the digest, or the digest and urgent ones.';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('staff_mail'::regclass, 'told_cause'::regclass, 'mail_wish'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
