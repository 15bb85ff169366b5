-- name: load
-- Those with these keys, each the first from its key on: only the primary key gives that order, so that no plan takes another index.
select {found}
from unnest({keys}) as wanted ({key})
cross join lateral (
  select * from {table} as it where it.workspace_id = $1 and ({it_key}) >= ({wanted_key}) order by {it_key} limit 1
) as found
where ({found_key}) = ({wanted_key});

-- name: of
-- All that are found together by one of these.
select {found}
from unnest($2::text::text[]) as wanted (key)
cross join lateral (
  select * from {table} as it where it.workspace_id = $1 and it.{group} = wanted.key offset 0
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into {table} (workspace_id, {columns}{stamp})
select $1, {columns}{stamped}
from json_populate_recordset(null::{table}, $2)
on conflict (workspace_id, {key}) do update set {changes};

-- name: any
-- Whether there is one.
select exists (select from {table} where workspace_id = $1);

-- name: every
-- The whole noun, for verification.
select {columns} from {table} where workspace_id = $1 order by {key};
