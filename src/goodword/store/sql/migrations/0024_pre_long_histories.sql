-- Why: of a long log a page read the root of every tile for a proof, a hundred quarters of an hour for each figure of a day, and all
-- words of whoever it looked at for a second one.

-- A tile has the roots of all full subtrees that end with it, its own first: 32 bytes each.
alter table log_tile alter column root drop not null;
alter table log_tile rename column root to ends;
alter table log_tile alter column ends set not null;
do $$
declare
  many bigint := 1;  -- tiles of the subtrees that are put together two by two
begin
  loop
    update log_tile as it
    set ends = it.ends || sha256('\x01'::bytea || substr(before.ends, length(before.ends) - 31) || substr(it.ends, length(it.ends) - 31))
    from log_tile as before
    where (it.tile + 1) % (2 * many) = 0 and before.workspace_id = it.workspace_id and before.tile = it.tile - many;
    exit when not found;
    many := 2 * many;
  end loop;
end $$;
comment on table log_tile is 'Full 256-leaf tiles of the tree (tile 0: positions 1 .. 256), each with its 256 leaf hashes.';
comment on column log_tile.ends is 'the roots of the full subtrees that end with the tile, its own first: of 1, 2, 4 … tiles, as many as there are';

-- Whichever of its two indexes is taken, a word of a person is one row.
drop index search_word_person;
create index search_word_person on search_word (workspace_id, person, blind);

-- A process of before adds none to the days: let it end first, or `goodword follower restart figures` afterwards.
insert into figure (workspace_id, slot, program, metric, unit, basis, count, amount)
select workspace_id, 'day:' || substr(slot, 1, 10), program, metric, unit, basis, sum(count), sum(amount)
from figure where slot like '____-__-__T__:__' group by 1, 2, 3, 4, 5, 6;
comment on table figure is
  'The log summed by quarters of an hour and by days of UTC (core/rollup.py names the metrics), so that no page sums the history: true up '
  'to the position of the follower ''figures''. amount is numeric: it sums up everything.';
comment on column figure.slot is
  'the quarter of an hour in UTC, such as 2011-03-27T00:15, the day, such as day:2011-03-27, or ''ever'': what an account holds now';
