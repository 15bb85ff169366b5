-- name: seen
-- The members whose digest of a day was written, also where nothing waited.
select member from staff_mail where workspace_id = $1 and kind = 'digest' and day = $2;

-- name: write
-- A mail of a day: written once, whoever looks.
insert into staff_mail (workspace_id, member, kind, day, number, written_at) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing returning number;

-- name: urgent
-- How many urgent mails a member was written on a day.
select count(*) from staff_mail where workspace_id = $1 and member = $2 and kind = 'urgent' and day = $3;

-- name: begin
-- The text of a mail is about to be given to the server: once.
update staff_mail set begun_at = $6
where workspace_id = $1 and member = $2 and kind = $3 and day = $4 and number = $5 and begun_at is null
returning number;

-- name: refused
-- The server said that it did not take it.
update staff_mail set begun_at = null where workspace_id = $1 and member = $2 and kind = $3 and day = $4 and number = $5;

-- name: begun
-- Whether a mail may have arrived already.
select begun_at is not null from staff_mail where workspace_id = $1 and member = $2 and kind = $3 and day = $4 and number = $5;

-- name: told
-- Why members were mailed at once, of what lasts.
select member, cause from told_cause where workspace_id = $1;

-- name: tell
-- These are told now; those that were not before.
insert into told_cause (workspace_id, member, cause, told_at) select $1, $2, cause, $4 from unnest($3::text[]) as its (cause)
on conflict do nothing returning cause;

-- name: over
-- Of a member's causes these are over.
delete from told_cause where workspace_id = $1 and member = $2 and cause = any($3);

-- name: forget
-- Mails of days that are long gone.
delete from staff_mail where workspace_id = $1 and day < $2;

-- name: wishes
-- What mail members want who have said so.
select member, wants from mail_wish where workspace_id = $1;

-- name: wish
-- A member wants this mail from now on.
insert into mail_wish (workspace_id, member, wants, said_at) values ($1, $2, $3, $4)
on conflict (workspace_id, member) do update set wants = excluded.wants, said_at = excluded.said_at;
