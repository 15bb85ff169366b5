-- Why: Home and the daily mail say how many tax forms are asked for, and since when the oldest is: by the first of them alone.

create index taxform_asked on taxform (workspace_id, asked_at) where asked_for is not null;
drop index taxform_awaited;
