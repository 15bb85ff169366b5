-- Why: jobs have queues, priorities and a payload; one that is given up stays, one that is done goes after a while.

alter table job
  add column queue text collate "C" not null default 'payouts', alter column queue set statistics 10,
  add column priority integer not null default 1, alter column priority set statistics 10,
  add column payload jsonb not null default '{}', alter column payload set statistics 10,
  add column dead boolean not null default false, alter column dead set statistics 10;
create index job_next on job (workspace_id, queue, kind, priority, due_at) where done_at is null;
create index job_ended on job (workspace_id, done_at) where not dead;
