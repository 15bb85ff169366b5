-- Why: a trial. Both versions can live with it, statement by statement.
create table later (workspace_id text collate "C" not null, id text collate "C" not null, primary key (workspace_id, id));
alter table reward add column later text;
update reward set later = status;
create index reward_later on reward (workspace_id, later);
alter table timer add constraint timer_later check (due_at > -1);
insert into later select workspace_id, id from reward;
