-- Why: a friend's welcome is offered before there is an order, holds a part of the budget until one redeems it, and is redeemed by one
-- alone: an order is that of one offer at most, whatever is written.

create table offer (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  program      text collate "C" not null,
  person       text collate "C" not null,
  referral     text collate "C" not null,
  rules        text collate "C" not null,
  amounts      jsonb not null,
  status       text collate "C" not null,
  at           bigint not null,
  until        bigint not null,
  conversion   text collate "C",
  reason       text collate "C",
  held_until   bigint,
  evt          text collate "C" not null,
  primary key (workspace_id, id),
  -- An order may leave one offer for another in one transaction, whichever is written first.
  unique (workspace_id, conversion) deferrable initially deferred,
  check (case status when 'redeemed' then conversion is not null when 'open' then conversion is null else true end)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on column offer.held_until is 'until when the order that binds it holds it, if nobody pays or cancels that';
comment on table offer is 'What a friend is offered off one order: open, bound to an order that is not paid yet, redeemed by one, or ended.';
comment on column offer.amounts is 'by currency, in minor units; while it is open or bound they count toward the budget of the program';

alter table referral add column offer text collate "C";
comment on column referral.offer is 'what its friend is, or was, welcomed with';
alter table conversion add column offer text collate "C";
comment on column conversion.offer is 'the offer that it names';
alter table referral alter column offer set statistics 10;
alter table conversion alter column offer set statistics 10;

do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'offer'::regclass and attnum > 0
  loop
    execute format('alter table offer alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
