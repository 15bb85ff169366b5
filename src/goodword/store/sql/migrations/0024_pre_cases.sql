-- Why: cases are listed by whose they are and apart from those that are put aside; neither list reads what was decided long ago.

create index case_assignee on "case" (workspace_id, assignee, id) where assignee is not null and status in ('open', 'appealed');
create index case_aside on "case" (workspace_id, id) where snoozed_until is not null and status in ('open', 'appealed');
