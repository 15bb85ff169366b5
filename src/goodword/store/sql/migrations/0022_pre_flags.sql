-- Why: entries are decided under the fourth behaviour from here on, by which who approves what is flagged has opened its evidence.

alter table reward add column marks jsonb not null default '[]', alter column marks set statistics 10,
  add column opened_by jsonb not null default '[]', alter column opened_by set statistics 10;
comment on column reward.marks is 'flags that were raised on it, each with when and by which case, the newest last';
comment on column reward.opened_by is 'members who opened its evidence since the last of them';

-- An issue of a customer that is not closed is a reason to look closer at what others earn by them.
alter table customer add column issues jsonb not null default '[]', alter column issues set statistics 10;
comment on column customer.issues is 'issues with the company that are not closed, the oldest first';
