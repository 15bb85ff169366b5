-- Why: an advocate chooses a code of their own, once, and what they share is told in their timeline.

alter table advocate
  add column changed_at bigint, alter column changed_at set statistics 10,
  add column shared jsonb not null default '[]', alter column shared set statistics 10;
comment on column advocate.changed_at is 'when they chose another code; null: they may do so once';
comment on column advocate.shared is 'the newest channels that they opened with their link: when, which, and the name of the text';
