-- Why: what is paid as credit of our own is owed until it is used: by lots, each of one payout and reward, and redemptions, each once.
-- What is there of a lot is never below nothing, whatever is decided, and a balance is the sum of its lots.

create table lot (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C" not null,
  unit         text collate "C" not null,
  reward       text collate "C" not null,
  payout       text collate "C" not null,
  "on"         text collate "C" not null,
  amount       bigint not null,
  rest         bigint not null,
  expired      bigint not null default 0,
  taken        bigint not null default 0,
  at           bigint not null,
  earned_at    bigint not null,
  expires_at   bigint,
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  check (rest >= 0 and expired >= 0 and taken >= 0)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index lot_person on lot (workspace_id, person, id);
create index lot_held on lot (workspace_id, person) where rest > 0;
create index lot_reward on lot (workspace_id, reward);
comment on table lot is 'Credit or points that one payout brought for one reward. What is neither there nor expired nor taken back was redeemed.';
comment on column lot.rest is 'what can be redeemed';
comment on column lot.taken is 'what was taken back, since the reward fell after it was paid';

create table redemption (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  unit         text collate "C" not null,
  amount       bigint not null,
  drawn        jsonb not null,
  program      text collate "C",
  "order"      text collate "C",
  reversals    jsonb not null default '{}',
  at           bigint not null,
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  check (amount >= 0)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index redemption_person on redemption (workspace_id, person, evt);
comment on table redemption is 'Credit that was used, once an id.';
comment on column redemption.drawn is 'what it took of which lot, and how much of that was given back';
comment on column redemption.reversals is 'what was given back of it, by the id of each';

do $$
declare c record;
begin
  for c in select attrelid::regclass as of, attname from pg_attribute where attrelid in ('lot'::regclass, 'redemption'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.of, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
