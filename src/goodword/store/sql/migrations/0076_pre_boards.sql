-- Why: who agrees to it stands on a leaderboard by what was approved for them in a month. A reward that is new stands in no such index.

create index customer_board on customer (workspace_id, person) where consents ? 'leaderboard';
create index reward_board on reward (workspace_id, beneficiary, approved_at) where approved_at is not null;
