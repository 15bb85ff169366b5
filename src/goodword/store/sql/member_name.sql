-- name: add
-- The mail by which a member is known; gives nothing if somebody has it.
insert into alias (workspace_id, kind, blind, id, sealed) values ($1, 'member', $2, $3, $4)
on conflict (workspace_id, kind, blind) do nothing
returning id;

-- name: find
-- The member with a mail.
select id from alias where workspace_id = $1 and kind = 'member' and blind = $2;

-- name: mail
-- The sealed mail of a member.
select sealed from alias where workspace_id = $1 and kind in ('member', 'member_was') and id = $2;

-- name: mails
-- The sealed mails of members, also under the ids that they had before.
select id, sealed from alias where workspace_id = $1 and kind in ('member', 'member_was') order by id;

-- name: go_on
-- The mail of a member who goes on under another id finds them under that one; it stays the mail of the one before.
update alias set kind = 'member_was' where workspace_id = $1 and kind = 'member' and id = $2;
