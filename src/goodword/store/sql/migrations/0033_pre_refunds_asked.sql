-- Why: somebody asks for money of an order back before it is given, and what the order earns is marked because of it.

alter table conversion add column asked_back jsonb not null default '{}', alter column asked_back set statistics 10;
comment on column conversion.asked_back is 'refunds that somebody asked for and that were not given back yet, by id, the newest: when it was said last, and whether it was open then';
