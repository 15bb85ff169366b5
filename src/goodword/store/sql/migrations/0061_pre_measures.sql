-- Why: measures are kept beside the figures, so that who asks for a month does not read its history. A log of before has them as well:
-- the follower makes all of it anew, some 50 µs an entry. A process of before adds none: let it end first, or
-- `goodword follower restart figures` afterwards.
delete from figure;
delete from follower where follower = 'figures';
comment on column figure.slot is
  'the quarter of an hour in UTC, such as 2011-03-27T00:15, the day, such as day:2011-03-27, or ''ever'': what an account holds now; '
  'behind ''measure:'' likewise, where metric is a measurement event and its version';
