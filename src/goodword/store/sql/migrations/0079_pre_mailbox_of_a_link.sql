-- Why: a link that makes two accounts one, or erases one, opens nothing any more once the mailbox that it went to is another's.

alter table portal_merge add column mailbox bytea, alter column mailbox set statistics 10;

comment on column portal_merge.mailbox is 'to which mail the link went, by its blind index: whose that is no more is confirmed by nobody who reads it';
