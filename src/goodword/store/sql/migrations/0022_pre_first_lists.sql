-- Why: who is the second to approve a list finds the rewards of just that list, of which few wait at a time.
create index reward_first_list on reward (workspace_id, approval_list, id) where status = 'in_review' and approval_list is not null;
