-- Why: a partner registers deals by a form of their own, which a link opens until a time. Of the link only a keyed digest is kept.

create table deal_form (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  digest       bytea not null,
  person       text collate "C" not null,
  program      text collate "C" not null,
  made_by      text collate "C" not null,
  made_at      bigint not null,
  expires_at   bigint not null,
  ended_at     bigint,
  primary key (workspace_id, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index deal_form_digest on deal_form (workspace_id, digest);
create index deal_form_person on deal_form (workspace_id, person, id);
comment on table deal_form is 'Links by which partners register deals of their own. Instants are of the real clock.';
comment on column deal_form.digest is 'of the link, under the key of blind indexes: who has the database alone opens nothing by it';
comment on column deal_form.person is 'whose form it is: gone with them when they are erased';
comment on column deal_form.made_by is 'the member or key that made it: who held the link accepts nothing that came by it';
comment on column deal_form.ended_at is 'when somebody ended it before its time';
do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'deal_form'::regclass and attnum > 0
  loop
    execute format('alter table deal_form alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
