-- Why: what no order earned is owed by a correction, which may put a reward right, and rests on something outside of here. A payout that
-- failed, or was returned, may have arrived after all, which two members say.

alter table reward
  add column puts_right text collate "C",
  add column document text collate "C",
  add column corrections jsonb not null default '[]',
  add column arrived_in text collate "C";
comment on column reward.puts_right is 'of a correction: the reward that it puts right';
comment on column reward.document is 'of a correction: what it rests on outside of here';
comment on column reward.corrections is 'the corrections that put it right, the oldest first';
comment on column reward.arrived_in is 'the payout that arrived after all when another one was under way with it, or had paid it';

alter table payout
  add column arriving jsonb not null default '[]',
  add column arriving_list text collate "C";
comment on column payout.arriving is 'who says that it arrived after all, while a second is awaited';

do $$
declare c record;
begin
  for c in
    select attrelid::regclass as of, attname from pg_attribute
    where attrelid in ('reward'::regclass, 'payout'::regclass)
      and attname in ('puts_right', 'document', 'corrections', 'arrived_in', 'arriving', 'arriving_list')
  loop
    execute format('alter table %s alter column %I set statistics 10', c.of, c.attname);
  end loop;
end $$;
