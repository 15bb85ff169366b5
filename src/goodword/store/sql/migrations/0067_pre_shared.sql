-- Why: an advocate chooses a code of their own, once, and what they share is told in their timeline.

alter table advocate
  add column changed_at bigint, alter column changed_at set statistics 10,
  add column shared jsonb not null default '[]', alter column shared set statistics 10;
-- Codes of before are read by what looks like them, too: a job of each workspace that has some does it (app/follow/looks.py).
insert into job (workspace_id, id, kind, subject, queue, payload, due_at)
select distinct workspace_id, 'code_looks', 'code_looks', '', 'code_looks', '{}'::jsonb, 0 from advocate
on conflict (workspace_id, id) do nothing;

comment on column advocate.changed_at is 'when they chose another code; null: they may do so once';
comment on column advocate.shared is 'the newest channels that they opened with their link: when, which, and the name of the text';
