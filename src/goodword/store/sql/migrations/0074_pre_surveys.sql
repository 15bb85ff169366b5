-- Why: what customers answered last to surveys: by the name of the survey the score, its scale, and when.
alter table customer add column answers jsonb not null default '{}', alter column answers set statistics 10;
comment on column customer.answers is 'what they answered last, by the name of the survey: score, lowest and highest answer, when';
