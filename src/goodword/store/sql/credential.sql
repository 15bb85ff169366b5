-- name: find
-- By what a member signs in.
select password, password_at, own, secret, secret_on, step, coalesce(cardinality(codes), 0) as codes from credential where workspace_id = $1 and member = $2;

-- name: by_mail
-- Who of all workspaces has a mail, by its blind index in each, and a password.
select a.workspace_id, a.id as member, c.password, c.secret_on, c.own
from unnest($1::text[], $2::bytea[]) as asked (workspace_id, blind)
join alias a on a.workspace_id = asked.workspace_id and a.kind = 'member' and a.blind = asked.blind
join credential c on c.workspace_id = a.workspace_id and c.member = a.id
where c.password is not null;

-- name: with_mail
-- Who of all workspaces has a mail.
select a.workspace_id, a.id as member
from unnest($1::text[], $2::bytea[]) as asked (workspace_id, blind)
join alias a on a.workspace_id = asked.workspace_id and a.kind = 'member' and a.blind = asked.blind;

-- name: set_password
-- A password, instead of any before.
insert into credential (workspace_id, member, password, password_at, own) values ($1, $2, $3, $4, $5)
on conflict (workspace_id, member) do update set password = $3, password_at = $4, own = $5;

-- name: go_on
-- A member goes on under another id, by the same password and second factor, which are kept for that id.
update credential set member = $3, password = $4, secret = $5 where workspace_id = $1 and member = $2;

-- name: set_secret
-- A second factor that is not asked for yet; one that is stays.
insert into credential (workspace_id, member, secret) values ($1, $2, $3)
on conflict (workspace_id, member) do update set secret = $3 where not credential.secret_on;

-- name: turn_on
-- A code of it was right: it is asked for from now on.
update credential set secret_on = true, step = $3, codes = $4
where workspace_id = $1 and member = $2 and secret is not null and not secret_on
returning true;

-- name: turn_off
-- No second factor any more.
update credential set secret = null, secret_on = false, codes = null where workspace_id = $1 and member = $2;

-- name: use_step
-- A code is used once: of two who have it one is let in.
update credential set step = $3 where workspace_id = $1 and member = $2 and secret_on and step < $3 returning true;

-- name: use_code
-- A recovery code is used once.
update credential set codes = array_remove(codes, $3)
where workspace_id = $1 and member = $2 and secret_on and codes @> array[$3::bytea]
returning true;

-- name: forget
-- A member signs in by a link again.
delete from credential where workspace_id = $1 and member = $2;
