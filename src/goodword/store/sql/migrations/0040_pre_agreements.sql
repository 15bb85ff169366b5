-- Why: a partner has terms of their own: a rate, dates, what is left out. They are judged by the version that held when an order
-- happened, and a reward keeps by which it was judged, and the rate that it was worked out by.

create table agreement (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  person       text collate "C" not null,
  program      text collate "C",
  versions     jsonb not null default '[]',
  primary key (workspace_id, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index agreement_person on agreement (workspace_id, person, id);
comment on table agreement is 'What the company agreed on with a partner, in one program or in all (program is null), with all versions.';
comment on column agreement.versions is 'the oldest first; none ever changes, and one whose until is its since ended the agreement';

alter table reward add column agreement jsonb, alter column agreement set statistics 10;
comment on column reward.agreement is 'by which agreement and version it was judged when it was earned, and the own rate that it was worked out by';

do $$
declare c record;
begin
  for c in select attname from pg_attribute where attrelid = 'agreement'::regclass and attnum > 0
  loop
    execute format('alter table agreement alter column %I set statistics %s', c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;

alter table registration add column percent text collate "C", alter column percent set statistics 10;
comment on column registration.percent is 'the rate that the partner asked for';
alter table referral add column percent_asked text collate "C", alter column percent_asked set statistics 10;
comment on column referral.percent_asked is 'the rate that its advocate asked for with the registration that brought the friend';
