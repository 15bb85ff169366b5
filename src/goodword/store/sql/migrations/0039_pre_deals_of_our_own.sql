-- Why: since when we are selling to a company ourselves, by deals that name no code; asked where a friend is to be new.
alter table prospect add column ours jsonb not null default '{}', alter column ours set statistics 10;
comment on column prospect.ours is 'deals of our own that are open or won and that nobody else brought, and when each was opened';
