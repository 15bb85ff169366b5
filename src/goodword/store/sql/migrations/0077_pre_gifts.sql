-- Why: the mail of a gift is how it arrives, so one that was withheld is something that a person looks at.

create index letter_gift on letter (workspace_id, at) where topic = 'gift' and status = 'withheld' and reason <> 'left_by_member';
