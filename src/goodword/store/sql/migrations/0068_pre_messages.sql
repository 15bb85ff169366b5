-- Why: advocates are written mails about what concerns them: each message once, none to who does not want it, and all on record.

create table letter (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C" not null,
  topic        text collate "C" not null,
  trigger      text collate "C" not null,
  status       text collate "C" not null,
  reason       text collate "C",
  due_at       bigint,
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index letter_once on letter (workspace_id, person, topic, trigger);
create index letter_open on letter (workspace_id, status, at) where status in ('ordered', 'unknown', 'refused');
comment on table letter is 'Messages to advocates: of what, and what became of each. What one says, and to which address, stands not here.';
comment on column letter.trigger is 'the id of what it is about: a person gets one of a topic for it';
comment on column letter.reason is 'why it is withheld, or what the mail server answered';
comment on column letter.due_at is 'until when it is put off';

create table recipient (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  off          jsonb not null default '[]',
  stopped      text collate "C",
  soft         bigint not null default 0,
  score        bigint,
  primary key (workspace_id, person)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table recipient is 'What persons and channels said of messages: topics that are unwanted, why nothing is sent to somebody at all, how satisfied they are.';
comment on column recipient.soft is 'how often one came back for now, in a row';

create table letter_text (
  workspace_id text collate "C" not null,
  message      text collate "C" not null,
  person       text collate "C" not null,
  mail         bytea not null,
  stop         bytea not null,
  sealed       bytea not null,
  begun_at     bigint not null,
  answer       text collate "C",
  reason       text collate "C",
  primary key (workspace_id, message)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index letter_text_stop on letter_text (workspace_id, stop);
create index letter_text_person on letter_text (workspace_id, person);
comment on table letter_text is 'Messages as they were handed to the mail server: written before that, so that each is once. Instants are of the real clock.';
comment on column letter_text.mail is 'the keyed digest of the address';
comment on column letter_text.stop is 'the SHA-256 of what stands in its address for unsubscribing';
comment on column letter_text.sealed is 'what it says, sealed under the key of the person; gone with it';
comment on column letter_text.answer is 'what the mail server answered, until the log says it; null: nobody knows';

create table suppression (
  workspace_id text collate "C" not null,
  mail         bytea not null,
  reason       text collate "C" not null,
  message      text collate "C" not null,
  since        bigint not null,
  primary key (workspace_id, mail)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table suppression is 'Addresses to which nothing is sent, by their keyed digest: it outlasts the person, and does not tell the address.';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('letter'::regclass, 'recipient'::regclass, 'letter_text'::regclass, 'suppression'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
