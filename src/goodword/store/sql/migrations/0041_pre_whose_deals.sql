-- Why: of a deal all of its contacts and when it was last lost; of a customer whom they are not; and deals as CRMs tell of them.
alter table deal add column contacts jsonb not null default '[]', alter column contacts set statistics 10;
alter table deal add column lost_at bigint, alter column lost_at set statistics 10;
alter table customer add column unlike jsonb not null default '[]', alter column unlike set statistics 10;
comment on column deal.contacts is 'who else stands beside it in the pipeline';
comment on column deal.lost_at is 'when it was last said to be lost';
comment on column customer.unlike is 'referrals of which a person said that it is not by these that this customer came';
create index deal_newest on deal (workspace_id, evt);
