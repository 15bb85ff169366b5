-- Why: entries are decided under the third behaviour from here on, which a server of before does not know (docs/decisions/0031).

-- Of what a suspension refused the newest is remembered; how much more there was is counted, and said when it is lifted.
alter table advocate add column forgotten integer not null default 0, alter column forgotten set statistics 10;
comment on column advocate.forgotten is 'so many more were refused because of a suspension than are remembered';

-- A proof that a friend was no new customer, or is who earns, opens a case when it comes, once.
alter table referral add column asked jsonb not null default '[]', alter column asked set statistics 10;
alter table referral add column proofs jsonb not null default '[]', alter column proofs set statistics 10;
comment on column referral.proofs is 'what came late and speaks against it, with its evidence';
comment on column referral.asked is 'flags of which a person was asked whether they are true of the friend';

-- A claim stops, too, what a referral earned that a merge or a claim of before ended.
alter table customer add column parted jsonb not null default '[]', alter column parted set statistics 10;
comment on column customer.parted is 'referrals that a merge or a claim ended: what they earned before may still be owed';

-- A refund that is told again after a part of it came back says nothing new.
alter table refund add column first_said jsonb not null default '[]', alter column first_said set statistics 10;
comment on column refund.first_said is 'amount, tax and shipping as it was told, where a part of it came back since';

-- What no touch has won waits at its customer: any of their visitors may win it, and who they are merged with.
alter table customer add column waiting jsonb not null default '[]', alter column waiting set statistics 10;
comment on column customer.waiting is 'leads that no touch has won';
