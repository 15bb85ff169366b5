-- Why: a program of a live workspace is a draft until the gate finds nothing missing, and releases nothing while a feed of it is silent.

alter table program add column launch jsonb, alter column launch set statistics 10,
  add column silent jsonb not null default '[]', alter column silent set statistics 10;
comment on column program.launch is 'the plan with which it passed the gate the last time, and what was seen then; null: it never had to';
comment on column program.silent is 'feeds that are silent for longer than the plan allows, each with when it delivered last';
