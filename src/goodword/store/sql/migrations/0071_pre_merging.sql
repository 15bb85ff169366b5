-- Why: a person says at the portal that another account is theirs too; the mailbox of that account confirms it by a link of its own.

create table portal_merge (
  workspace_id text collate "C" not null,
  person       text collate "C" not null,
  asked        text collate "C" not null,
  hash         bytea,
  persons      jsonb,
  gone         text collate "C",
  expires_at   bigint not null,
  primary key (workspace_id, person),
  check ((hash is null) = (persons is null) and (gone is null or hash is not null))
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create unique index portal_merge_asked on portal_merge (workspace_id, asked);
create unique index portal_merge_hash on portal_merge (workspace_id, hash);
comment on table portal_merge is 'Who asks that another account go on as theirs, until the other mailbox confirms it, they take it back, or it is over. Instants are of the real clock.';
comment on column portal_merge.person is 'who asks, and whose account goes on; they ask for one at a time';
comment on column portal_merge.asked is 'the job that mails the link';
comment on column portal_merge.hash is 'the SHA-256 of what stands in the link; null: it was not mailed yet';
comment on column portal_merge.persons is 'whose accounts the mail is; of several one is chosen. Gone with any of them that is erased';
comment on column portal_merge.gone is 'the account that was confirmed: the merge is being recorded, and nobody takes it back any more';

do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'portal_merge'::regclass and attnum > 0 loop
    execute format('alter table portal_merge alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
