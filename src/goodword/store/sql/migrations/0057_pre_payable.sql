-- Why: a draft asks for the next thousand who are owed something that is approved and in no payout. Without this it reads all that is
-- unsettled with anybody, for each thousand anew.

create index reward_payable on reward (workspace_id, unit, beneficiary, due_at) where status = 'approved' and payout is null;
