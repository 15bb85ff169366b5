-- Why: whom a sole owner made is a second person once they signed in with a password that they set behind a link to their mailbox.

alter table member add column became text collate "C", add column was text collate "C",
  alter column became set statistics 10, alter column was set statistics 10;
comment on column member.became is 'the id under which they go on since they proved to be another person than made_by';
comment on column member.was is 'the id under which they were before';

alter table login add column own boolean not null default false, alter column own set statistics 10;
comment on column login.own is 'it was sent to the member''s mailbox and shown nowhere else, or goes back to such a link';
alter table session add column own boolean not null default false, alter column own set statistics 10;
comment on column session.own is 'it goes back to a link that was sent to the member''s mailbox and shown nowhere else';
alter table credential add column own boolean not null default false, alter column own set statistics 10;
comment on column credential.own is 'the password was set in a session that goes back to such a link';
