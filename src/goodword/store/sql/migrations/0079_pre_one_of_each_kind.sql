-- Why: a story and a complaint about one's data are both about their person, and neither keeps them from the other.

drop index case_one_dispute;
create unique index case_one_dispute on "case" (workspace_id, subject, kind) where person is not null and status in ('open', 'appealed');
