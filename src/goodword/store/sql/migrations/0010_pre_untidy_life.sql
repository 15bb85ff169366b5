-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031).

select 1;

-- What is owed back may be repaid, written off or forgiven.
alter table reward
  add column repaid bigint not null default 0 check (repaid >= 0), alter column repaid set statistics 10,
  add column forgiven bigint not null default 0 check (forgiven >= 0), alter column forgiven set statistics 10,
  add column settling jsonb not null default '[]', alter column settling set statistics 10;
comment on column reward.repaid is 'what of netted was paid back by the beneficiary';
comment on column reward.forgiven is 'what was sent too much and nobody asks for any more';
comment on column reward.settling is 'digest of the list, how, and the member who settles what is owed back, while a second is awaited';
