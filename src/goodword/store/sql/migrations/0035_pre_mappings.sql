-- Why: a workspace says by a mapping of its own what the items of a source mean, and may keep what came for some days, sealed, to send it
-- again through the next version. Entries of the log name the mapping by its hash; what it said stands here for ever.

create table source_mapping (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  version      integer not null,
  hash         text collate "C" not null,
  document     text not null,
  text         text not null,
  said_by      text collate "C" not null,
  said_at      bigint not null,
  primary key (workspace_id, source, version)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table source_mapping is 'What a workspace said that items of a source mean, every version; the highest counts.';
comment on column source_mapping.hash is 'SHA-256 of its document: events that were read by it name it';
comment on column source_mapping.document is 'what it says, canonical; empty: from here on there is none';
comment on column source_mapping.text is 'the file as it was published';
comment on column source_mapping.said_at is 'real time';

create table source_keeping (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  days         integer not null,
  bytes        bigint not null default 0,
  dropped      bigint not null default 0,
  resend       jsonb,
  primary key (workspace_id, source)
) with (fillfactor = 50, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table source_keeping is 'For how many days what a source delivers is kept, and how far it was sent again.';
comment on column source_keeping.days is '0 to 14; 0: nothing is kept';
comment on column source_keeping.bytes is 'of all that is kept; beyond the bound the oldest is let go';
comment on column source_keeping.dropped is 'deliveries that were let go before their days were over, because there were too many';
comment on column source_keeping.resend is 'the last time that what is kept was sent again: since when, up to which, how far, what came of it';

create table kept_key (
  workspace_id text collate "C" not null,
  day          integer not null,
  sealed       bytea not null,
  primary key (workspace_id, day)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table kept_key is 'The key of a day, under which what came on it is sealed: thrown away with it. In no backup.';
comment on column kept_key.day is 'days since 1970-01-01 in UTC, of real time';
comment on column kept_key.sealed is 'sealed under the key of texts for staff';

create table kept_delivery (
  workspace_id text collate "C" not null,
  source       text collate "C" not null,
  id           text collate "C" not null,
  at           bigint not null,
  sender       text collate "C" not null,
  bytes        integer not null,
  sealed       bytea not null,
  primary key (workspace_id, source, id)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
alter table kept_delivery alter column sealed set storage external;
comment on table kept_delivery is 'What came from a source, for the days that the workspace chose: path and body, sealed; no header. In no backup.';
comment on column kept_delivery.id is 'in order of arrival';
comment on column kept_delivery.at is 'real time: when it came';
comment on column kept_delivery.sender is 'under which name its events stand, by the key that came with it';
comment on column kept_delivery.bytes is 'of the row on disk, about';
comment on column kept_delivery.sealed is 'method, path and body, packed, under the key of its day';
do $$
declare c record;
begin
  for c in select attrelid::regclass as it, attname from pg_attribute
    where attrelid in ('source_mapping'::regclass, 'source_keeping'::regclass, 'kept_key'::regclass, 'kept_delivery'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.it, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
