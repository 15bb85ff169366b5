-- Why: entries are decided under the fourth behaviour from here on (docs/decisions/0059, 0060), and the queue is read by its own order.

-- How sure it is who brought a friend, and why. Of what was bound before nothing is said.
alter table referral add column confidence text collate "C", alter column confidence set statistics 10;
alter table referral add column grounds jsonb not null default '[]', alter column grounds set statistics 10;
comment on column referral.confidence is 'exact, probable or possible; null: bound before it was said';
comment on column referral.grounds is 'why it is as sure as that: codes and values';
alter table lead add column confirmed boolean not null default false, alter column confirmed set statistics 10;
comment on column lead.confirmed is 'only a page said it, and a signed source confirmed it later';

-- By when a person is to decide a reward. Of what was in review before, seven days after its hold.
alter table reward add column decide_by bigint, alter column decide_by set statistics 10;
comment on column reward.decide_by is 'by when a person is to decide it, in its present or last stay in review';

-- Whether payment details are a beneficiary's first ones is known of those that are entered from here on.
alter table payee add column replaced text collate "C", alter column replaced set statistics 10;
comment on column payee.replaced is 'the digest of the details that these took the place of';
