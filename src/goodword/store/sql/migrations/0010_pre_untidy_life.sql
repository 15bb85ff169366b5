-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031);
-- what it needs of rows stands here.

-- Acts of members say which they were; of those of before it is known only that there were some. (Not null is said anew, because a
-- constraint is named after its column.)
alter table referral rename column touched_by to acts;
alter table reward rename column touched_by to acts;
alter table payee rename column entered_by to acts;
alter table referral alter column acts drop not null;
alter table reward alter column acts drop not null;
alter table payee alter column acts drop not null;
update referral
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update reward
set acts = (select jsonb_agg(jsonb_build_array(who, 'touched') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
update payee
set acts = (select jsonb_agg(jsonb_build_array(who, 'payee.entered') order by n) from jsonb_array_elements(acts) with ordinality as it (who, n))
where acts <> '[]';
alter table referral alter column acts set not null;
alter table reward alter column acts set not null;
alter table payee alter column acts set not null;

-- The rewards of a referral that are neither over nor paid: what stops or moves its money looks for them.
create index reward_open_in on reward (workspace_id, referral) where status in ('pending', 'in_review', 'approved', 'processing');

-- What a program was at any instant: a pause or end holds for what happens from then on. The log has each move; the moves of today's
-- status alone are not enough, because a program that goes on again was paused.
alter table program add column moves jsonb, alter column moves set statistics 10;
update program set moves = '[]';
update program set moves = found.moves
from (
  select workspace_id, said -> 'event' ->> 'program' as program,
    jsonb_agg(jsonb_build_array(said -> 'as_of', said -> 'event' -> 'to') order by position) as moves
  from (
    select workspace_id, position, convert_from(leaf, 'UTF8')::jsonb as said
    from log where position('"type":"program.moved"'::bytea in leaf) > 0
  ) as told
  where said -> 'event' ->> 'type' = 'program.moved' and said -> 'verdicts' -> 0 ->> 'outcome' = said -> 'event' ->> 'to'
  group by 1, 2
) as found
where program.workspace_id = found.workspace_id and program.id = found.program;
alter table program alter column moves set not null;
comment on column program.moves is 'when it was paused, resumed or ended: [instant, status], oldest first';

-- A reward in review knows when its present stay is over: of its timers the last counts, and earlier ones do nothing from here on.
alter table reward add column expires_at bigint, alter column expires_at set statistics 10;
update reward set expires_at = last.due_at
from (select workspace_id, subject, max(due_at) as due_at from timer where kind = 'expire' group by 1, 2) as last
where reward.workspace_id = last.workspace_id and reward.id = last.subject and reward.status = 'in_review';
comment on column reward.expires_at is 'while it is in review: when its present stay is over';

-- Leads that no touch has won wait with their visitor. Those of before do not: nobody noted them.
alter table visitor add column leads jsonb not null default '[]', alter column leads set statistics 10;
alter table visitor alter column leads drop default;
comment on column visitor.leads is 'leads that no touch has won yet: a click that comes later decides them again';
