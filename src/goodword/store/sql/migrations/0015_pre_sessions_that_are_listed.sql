-- Why: members look at their sessions and end them; an invitation is a link that lasts longer; what is proven again is remembered.

alter table session add column id text collate "C", add column address text not null default '', add column way text not null default 'link',
  add column sure_at bigint not null default 0;
update session set id = 'ses_' || left(encode(hash, 'hex'), 26);
alter table session alter column id set not null;
comment on column session.id is 'what it is called in lists and in the log: a digest of what it was opened with';
comment on column session.address is 'where the browser was when it was opened';
comment on column session.way is 'by what it was opened: link, password';
comment on column session.sure_at is 'real time: when its member last proved who they are; 0 is not since the session was opened';
alter table session alter column id set statistics 10, alter column address set statistics 10, alter column way set statistics 10,
  alter column sure_at set statistics 10;

alter table login add column kind text not null default 'link';
comment on column login.kind is 'link: printed or sent by mail; invite: likewise, for a new member; half: a password was right, and the second factor is asked for';
alter table login alter column kind set statistics 10;
