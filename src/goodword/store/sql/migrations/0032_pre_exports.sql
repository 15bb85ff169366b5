-- Why: an export goes on from the position of the log that the one before it reached. A row says at which end of the log it was
-- written last; of what was written before this it is 0, so that a first export has it. No index: an export reads the noun once.
-- And a lead says who of the company typed its code.

alter table lead add column entered_by text collate "C", alter column entered_by set statistics 10;
comment on column lead.entered_by is 'who of the company typed its code: they do not approve what comes of it';
alter table reward add column changed bigint not null default 0, alter column changed set statistics 10;
comment on column reward.changed is 'where the log ended with what changed it last; 0: before this was kept';
alter table referral add column changed bigint not null default 0, alter column changed set statistics 10;
comment on column referral.changed is 'where the log ended with what changed it last; 0: before this was kept';
alter table conversion add column changed bigint not null default 0, alter column changed set statistics 10;
comment on column conversion.changed is 'where the log ended with what changed it last; 0: before this was kept';
