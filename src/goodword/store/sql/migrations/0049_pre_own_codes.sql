-- Why: credit can be delivered behind a code of our own, apart from its beneficiary's purse: a lot says over which rail it came, and what
-- was used of it by which code.

alter table lot add column rail text collate "C" not null default 'store_credit';
comment on column lot.rail is 'over which it came: as store credit it is in its person''s purse, by a discount code behind that alone';

alter table redemption add column payout text collate "C";
comment on column redemption.payout is 'by the code that this payout had brought; null: out of the purse';

comment on column code_text.id is 'the stock and the number of a code, or the payout that brought one of our own';

do $$
declare c record;
begin
  for c in select * from (values ('lot'::regclass, 'rail'), ('redemption'::regclass, 'payout')) as it (of, attname)
  loop
    execute format('alter table %s alter column %I set statistics 10', c.of, c.attname);
  end loop;
end $$;
