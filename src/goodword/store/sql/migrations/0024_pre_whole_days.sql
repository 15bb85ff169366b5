-- Why: pages read the figures of days of UTC, each of which was summed up from a hundred quarters of an hour for every metric.

-- A process of before adds none to them: let it end first, or `goodword follower restart figures` afterwards.
insert into figure (workspace_id, slot, program, metric, unit, basis, count, amount)
select workspace_id, 'day:' || substr(slot, 1, 10), program, metric, unit, basis, sum(count), sum(amount)
from figure where slot like '____-__-__T__:__' group by 1, 2, 3, 4, 5, 6;
comment on table figure is
  'The log summed by quarters of an hour and by days of UTC (core/rollup.py names the metrics), so that no page sums the history: true up '
  'to the position of the follower ''figures''. amount is numeric: it sums up everything.';
comment on column figure.slot is
  'the quarter of an hour in UTC, such as 2011-03-27T00:15, the day, such as day:2011-03-27, or ''ever'': what an account holds now';
