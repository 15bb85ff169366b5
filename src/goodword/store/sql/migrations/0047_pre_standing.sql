-- Why: two members may approve a class of rewards beforehand, with limits and an end. What such a standing approval says never changes;
-- a reward keeps under which one it was earned, and what came of that.

create table standing (
  workspace_id    text collate "C" not null,
  id              text collate "C" not null,
  status          text collate "C" not null,
  program         text collate "C" not null,
  kind            text collate "C" not null,
  unit            text collate "C" not null,
  rail            text collate "C" not null,
  side            text collate "C",
  per_reward      bigint not null,
  per_beneficiary bigint not null,
  in_all          bigint not null,
  since           bigint not null,
  until           bigint not null,
  hash            text collate "C" not null,
  granted_by      jsonb not null,
  evt             text collate "C" not null,
  stopped_by      text collate "C",
  stopped_at      bigint,
  stopped_evt     text collate "C",
  reason          text collate "C",
  primary key (workspace_id, id),
  check (per_reward <= per_beneficiary and per_beneficiary <= in_all)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table standing is 'What two members approved beforehand: for which rewards, over which rail, how much, and until when.';
comment on column standing.granted_by is 'who asked for it, and who confirmed it';
comment on column standing.reason is 'why it was stopped: said by a member, or a code';

alter table reward add column standing jsonb, alter column standing set statistics 10;
comment on column reward.standing is 'the standing approval that it was earned under; why it waits for a person, or else what that approved, and when';

create index reward_owing on reward (workspace_id, beneficiary) where sent - netted - forgiven > amount;

do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'standing'::regclass and attnum > 0
  loop
    execute format('alter table standing alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
