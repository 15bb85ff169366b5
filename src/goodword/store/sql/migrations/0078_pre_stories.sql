-- Why: tips and stories that advocates hand in are cases; those that are shown are read often, and are few among all cases.

create index case_shown on "case" (workspace_id, id) where kind = 'story' and outcome = 'shown';
