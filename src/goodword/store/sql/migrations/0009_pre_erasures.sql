-- Why: processes remember what names stand for; when this rises they forget it, so that who comes again is somebody new.

alter table workspace add column erasures integer not null default 0, alter column erasures set statistics 10;
comment on column workspace.erasures is 'persons who were erased';
