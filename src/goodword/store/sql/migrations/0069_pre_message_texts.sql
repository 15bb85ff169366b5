-- Why: a workspace writes the texts of messages itself, by topic and language. The log says by a digest that one was published; what it
-- says stands here for ever, and nothing personal is in it.

create table message_text (
  workspace_id text collate "C" not null,
  topic        text collate "C" not null,
  language     text collate "C" not null,
  version      integer not null,
  hash         text collate "C" not null,
  text         text not null,
  said_by      text collate "C" not null,
  said_at      bigint not null,
  primary key (workspace_id, topic, language, version),
  check (hash = case text when '' then '' else encode(sha256(convert_to(text, 'UTF8')), 'hex') end)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table message_text is 'The texts of messages that a workspace wrote itself, every version; the highest counts.';
comment on column message_text.hash is 'SHA-256 of the text, by which the log names it; empty where the version ends the workspace''s own';
comment on column message_text.text is 'a template in Liquid; empty: from here on ours is sent';
comment on column message_text.said_at is 'real time';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid = 'message_text'::regclass and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
