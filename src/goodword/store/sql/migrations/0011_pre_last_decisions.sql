-- Why: entries are decided under the third behaviour from here on, which a server of before does not know (docs/decisions/0031).

-- Of what a suspension refused the newest is remembered; how much more there was is counted, and said when it is lifted.
alter table advocate add column forgotten integer not null default 0, alter column forgotten set statistics 10;
alter table advocate alter column forgotten drop default;
comment on column advocate.forgotten is 'so many more were refused because of a suspension than are remembered';
