-- Why: who was read by the search before it kept pairs of the beginnings of words is read once more, so that two beginnings find everybody.

-- A job of each workspace does it behind the commit (app/follow/search.py). Nothing is forgotten meanwhile: until the job is done
-- people are looked for by their words, which all of them have.
insert into job (workspace_id, id, kind, subject, queue, payload, due_at)
select workspace_id, 'begun_', 'search.pairs', '', 'search', '{"after": ""}', 0 from follower where follower = 'search' and position > 0
on conflict (workspace_id, id) do nothing;
