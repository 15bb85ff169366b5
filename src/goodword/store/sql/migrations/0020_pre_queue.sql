-- Why: entries are decided under the fourth behaviour from here on (docs/decisions/0059, 0060), and the queue is read by its own order.

-- How sure it is who brought a friend, and why. Of what was bound before nothing is said.
alter table referral add column confidence text collate "C", alter column confidence set statistics 10;
alter table referral add column grounds jsonb not null default '[]', alter column grounds set statistics 10;
comment on column referral.confidence is 'exact, probable or possible; null: bound before it was said';
comment on column referral.grounds is 'why it is as sure as that: codes and values';
alter table lead add column confirmed boolean not null default false, alter column confirmed set statistics 10;
comment on column lead.confirmed is 'only a page said it, and a signed source confirmed it later';

-- Since when a reward is in review, by when a person is to decide it, and how grave what waits for a person about it is. What was in review
-- before is so since its hold, and is to be decided seven days after it.
alter table reward add column reviewed_at bigint, alter column reviewed_at set statistics 10;
alter table reward add column decide_by bigint, alter column decide_by set statistics 10;
alter table reward add column risk bigint not null default 0, alter column risk set statistics 10;
comment on column reward.reviewed_at is 'since when it is, or was last, in review; null: since its hold';
comment on column reward.decide_by is 'by when a person is to decide it, in its present or last stay in review; null: seven days after its hold';
comment on column reward.risk is 'how grave what waits for a person about it is, 0 to 3';

-- The queue: what is in review and nothing else, by classes within which who waits longer comes first at any time (core/priority.py), and
-- by amount.
create index reward_queue on reward (
  workspace_id, rules, unit, risk, (width_bucket(amount, '{10000,100000,1000000}'::bigint[])),
  (least(greatest((coalesce(decide_by, hold_until + 604800000000) - coalesce(reviewed_at, hold_until)) / 86400000000, 0), 366)),
  (coalesce(reviewed_at, hold_until)), id
) where status = 'in_review';
create index reward_queue_amount on reward (workspace_id, rules, unit, (-amount), id) where status = 'in_review';

-- Whether payment details are a beneficiary's first ones is known of those that are entered from here on.
alter table payee add column replaced text collate "C", alter column replaced set statistics 10;
comment on column payee.replaced is 'the digest of the details that these took the place of';
