-- Why: people join a program at a page of its own, by a link that is mailed to them; and it is remembered which terms an advocate accepted.

alter table portal_link add column joining bytea;
alter table portal_link alter column joining set statistics 10;
comment on column portal_link.joining is 'what somebody who asks to join a program said, sealed: whoever presses the button of its page has the mailbox';

alter table advocate add column accepted text collate "C";
alter table advocate alter column accepted set statistics 10;
comment on column advocate.accepted is 'the version of the rules by which they accepted the terms last; null: they did not, or it is not known which';
