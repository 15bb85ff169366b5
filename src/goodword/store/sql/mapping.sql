-- name: add
-- One more version.
insert into source_mapping (workspace_id, source, version, hash, document, text, said_by, said_at)
select $1, $2, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7 from source_mapping where workspace_id = $1 and source = $2
returning version;

-- name: every
-- All versions, the newest first, without their texts.
select version, hash, document <> '' as says, said_by, said_at from source_mapping
where workspace_id = $1 and source = $2 order by version desc limit $3;

-- name: text
-- What a version says; 0: the newest.
select text from source_mapping where workspace_id = $1 and source = $2 and ($3 = 0 or version = $3) order by version desc limit 1;

-- name: named
-- The newest version with this content: of this source, where it has one.
select source, version from source_mapping where workspace_id = $1 and hash = $2 order by source <> $3, version desc limit 1;

-- name: present
-- The newest version of each source, and for how many days what it delivers is kept.
select coalesce(m.source, k.source) as source, coalesce(m.hash, '') as hash, coalesce(m.document, '') as document, coalesce(k.days, 0) as days
from (
  select distinct on (source) source, hash, document from source_mapping where workspace_id = $1 order by source, version desc
) m full join (select source, days from source_keeping where workspace_id = $1) k using (source);
