-- Why: tips and stories that advocates hand in are cases; those that are shown are read often, and are few among all cases.

create index case_shown on "case" (workspace_id, id) where kind = 'story' and outcome = 'shown';
-- Of one person a story may wait while they complain about their data: of each kind one at once.
drop index case_one_dispute;
create unique index case_one_dispute on "case" (workspace_id, subject, kind) where person is not null and status in ('open', 'appealed');
