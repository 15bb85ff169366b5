-- Why: a program may run for some first, for one payout cycle; by when a touch came it is told whether its advocate was in.

alter table program add column pilots jsonb not null default '[]';
alter table program alter column pilots set statistics 10;
comment on column program.pilots is 'the cycles in which it ran for some first, oldest first: who was in, when it began, when it ends, when it was over';
