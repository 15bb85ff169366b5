-- Who is the second to approve a list finds the rewards of just that list: few wait for a second person at a time.
create index reward_first_list on reward (workspace_id, approval_list, id) where status = 'in_review' and approval_list is not null;
