-- Why: a member may be limited to programs, and what such a member sees is found by program, without reading that of others.

alter table member add column programs jsonb not null default '[]', alter column programs set statistics 10;
alter table payout add column programs jsonb not null default '[]', alter column programs set statistics 10;

-- Those of the rewards that a payout sends, and of those that it nets.
update payout p
set programs = (
  select coalesce(jsonb_agg(found.program order by found.program), '[]')
  from (
    select part ->> 'program' collate "C" as program from jsonb_array_elements(p.parts) as part
    union
    select r.program
    from jsonb_array_elements(p.parts) as part
    cross join jsonb_array_elements(part -> 'netted') as debt
    join reward r on r.workspace_id = p.workspace_id and r.id = debt ->> 0
  ) as found
);

create index advocate_program on advocate (workspace_id, program, id);
create index referral_program on referral (workspace_id, program, id);
create index reward_program on reward (workspace_id, program, status, id);
create index claim_program on claim (workspace_id, program, status, id);
create index case_program on "case" (workspace_id, program, status, id);
-- By the first of its programs: all others are looked at in the rows.
create index payout_program on payout (workspace_id, (programs ->> 0), status, id);

-- Of a young table, of which PostgreSQL knows nothing, all indexes cost the same, and the newest is taken: what is looked
-- up by stays newer than what some pages are read by.
drop index reward_unsettled, claim_friend, case_subject;
create index case_subject on "case" (workspace_id, subject);
create index claim_friend on claim (workspace_id, friend, id);
create index reward_unsettled on reward (workspace_id, beneficiary)
  where status in ('pending', 'in_review', 'approved', 'processing') or sent - netted > amount;

comment on column member.programs is 'the programs that they are limited to; none: all';
comment on column payout.programs is 'whose rewards it sends or nets, in order';
