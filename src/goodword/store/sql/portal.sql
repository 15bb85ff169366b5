-- name: add_link
-- A link before its mail is handed over, and no further ones that are over; nothing where this was asked for and begun before.
with old as (delete from portal_link where workspace_id = $1 and expires_at <= $6)
insert into portal_link (workspace_id, hash, asked, persons, expires_at, joining) values ($1, $2, $3, $4, $5, $7)
on conflict (workspace_id, asked) do nothing returning asked;

-- name: begun
-- Whether a mail may have arrived.
select exists (select from portal_link where workspace_id = $1 and asked = $2);

-- name: drop_link
-- The server did not take its mail: it may be sent again.
delete from portal_link where workspace_id = $1 and asked = $2;

-- name: look
-- Whom a link would sign in, and what somebody who joins said.
select persons, asked, joining from portal_link where workspace_id = $1 and hash = $2 and expires_at > $3 and used_at is null;

-- name: take
-- Use a link up: of two who have it one gets in. What who joins said stands in the log by now.
update portal_link set used_at = $3, joining = null
where workspace_id = $1 and hash = $2 and expires_at > $3 and used_at is null
  and (joining is not null or persons ? $4) returning asked;

-- name: forget_joining
-- A job that mailed a link, or never will, keeps nothing of what who joins said.
update job set payload = payload - 'joining' where workspace_id = $1 and id = $2;

-- name: expire
-- Links that are over, and what was said with them, of all workspaces: they are few, for this is done every few minutes.
delete from portal_link where expires_at <= $1;

-- name: used
-- Whether a token was used.
select exists (select from portal_token where workspace_id = $1 and hash = $2);

-- name: use
-- Use a token up, and forget those that are over.
with old as (delete from portal_token where workspace_id = $1 and expires_at <= $4)
insert into portal_token (workspace_id, hash, expires_at) values ($1, $2, $3) on conflict (workspace_id, hash) do nothing returning hash;

-- name: open
-- A person is signed in, unless they were erased; their sessions that are over are forgotten.
with old as (delete from portal_session where workspace_id = $1 and person = $3 and expires_at <= $5)
insert into portal_session (workspace_id, hash, person, way, opened_at, expires_at)
select $1, $2, id, $4, $5, $6 from person where workspace_id = $1 and id = $3 for key share returning hash;

-- name: find
-- Whose a session is that is not over.
select person from portal_session where workspace_id = $1 and hash = $2 and expires_at > $3;

-- name: end
-- Somebody signed out.
delete from portal_session where workspace_id = $1 and hash = $2;

-- name: opened
-- When a session that is not over was opened.
select opened_at from portal_session where workspace_id = $1 and hash = $2 and expires_at > $3;

-- name: sessions
-- The sessions of somebody, who has these ids.
select way, opened_at, expires_at from portal_session where workspace_id = $1 and person = any($2::text[]) order by opened_at;

-- name: ask_merge
-- Somebody asks that another account go on as theirs, or to be erased, in the place of what they asked before; unless they were erased.
with old as (delete from portal_merge where workspace_id = $1 and expires_at <= $4 and person <> $2)
insert into portal_merge (workspace_id, person, asked, expires_at, money)
select $1, id, $3, $5, $6 from person where workspace_id = $1 and id = $2 for key share
on conflict (workspace_id, person) do update set asked = $3, expires_at = $5, money = $6, hash = null, persons = null, gone = null, mailbox = null;

-- name: merge_begun
-- Whether the mail of what somebody asks may have arrived, or is not to be sent, since they ask for it no more.
select not exists (select from portal_merge where workspace_id = $1 and asked = $2 and hash is null);

-- name: link_merge
-- A link before its mail is handed over; nothing where it was before, or nobody asks for it any more.
update portal_merge set hash = $3, persons = $4, expires_at = $5, mailbox = $6
where workspace_id = $1 and asked = $2 and hash is null returning asked;

-- name: unlink_merge
-- The server did not take its mail: it may be sent again.
update portal_merge set hash = null, persons = null, mailbox = null where workspace_id = $1 and asked = $2 and gone is null;

-- name: look_merge
-- Who asks by a link, and whose account it would join; ``gone``: that one was confirmed; ``mailbox``: to which mail it went.
select person, asked, persons, gone, money, mailbox from portal_merge where workspace_id = $1 and hash = $2 and expires_at > $3;

-- name: confirm_merge
-- An account is confirmed, for good: whoever presses again confirms the same.
update portal_merge set gone = coalesce(gone, $4) where workspace_id = $1 and hash = $2 and expires_at > $3 and persons ? $4
returning gone;

-- name: end_merge
-- It is recorded.
delete from portal_merge where workspace_id = $1 and asked = $2;

-- name: cancel_merge
-- Somebody takes it back, before it was confirmed.
delete from portal_merge where workspace_id = $1 and person = $2 and gone is null;

-- name: asked_merge
-- Until when what somebody asks can be confirmed: that another account is theirs, or ($4) that they be erased.
select expires_at from portal_merge where workspace_id = $1 and person = $2 and expires_at > $3 and (money is not null) = $4;

-- name: holders
-- Whose a mail ever was, as a trusted source says, those known longest first.
select person from match_key where workspace_id = $1 and kind = 'mail' and blind = $2 and verified order by person limit $3;

-- name: payouts
-- What somebody's payouts come to by unit and state, and when the last was drafted.
select unit, status, count(*) as count, sum(amount) as amount, max(drafted_at) as last
from unnest($2::text[]) as wanted (person)
cross join lateral (
  select unit, status, amount, drafted_at from payout where workspace_id = $1 and beneficiary = wanted.person order by id offset 0
) as found group by unit, status order by unit, status;

-- name: open_rewards
-- How many of somebody's rewards are in which line of their balance, or (null) in none, of so many that are not settled. Of a welcome
-- nothing is owed before it is approved.
select case
    when status not in ('pending', 'in_review', 'approved') or amount - sent + netted <= 0 then null
    when status = 'approved' then case when due_at <= $3 then 'payable' else 'approved' end
    when kind <> 'welcome' then 'expected'
  end as line, count(*) as number
from (
  select found.* from unnest($2::text[]) as wanted (person)
  cross join lateral (
    select status, kind, due_at, amount, sent, netted from reward where workspace_id = $1 and beneficiary = wanted.person
      and (status in ('pending', 'in_review', 'approved', 'processing') or sent - netted - forgiven > amount) limit $4
  ) as found limit $4
) as looked group by 1;

-- name: not_due
-- What somebody is owed in these units that is approved and not due, by rules, and when the first of it is.
select found.unit, found.rules, sum(greatest(0, found.amount - found.sent + found.netted)) as amount, min(found.due_at) as first
from unnest($2::text[]) as wanted (person) cross join unnest($3::text[]) as its (unit)
cross join lateral (
  select unit, rules, due_at, amount, sent, netted from reward
  where workspace_id = $1 and unit = its.unit and beneficiary = wanted.person and due_at > $4
    and status = 'approved' and payout is null offset 0
) as found group by found.unit, found.rules order by found.unit, found.rules;

-- name: orders
-- The newest orders of friends, of each so many.
select wanted.friend, bought.id from unnest($2::text[]) as wanted (friend)
cross join lateral (
  select id, at from conversion where workspace_id = $1 and person = wanted.friend order by at desc, id desc limit $3
) as bought order by wanted.friend, bought.at desc, bought.id desc;

-- name: newest_rewards
-- Rewards of somebody under all of their ids before one of them, the newest first.
select found.id from unnest($4::text[]) as wanted (person)
cross join lateral (
  select id from reward where workspace_id = $1 and beneficiary = wanted.person and id < $3 order by id desc limit $2
) as found order by found.id desc limit $2;

-- name: newest_payouts
-- Payouts of somebody likewise.
select found.id from unnest($4::text[]) as wanted (person)
cross join lateral (
  select id from payout where workspace_id = $1 and beneficiary = wanted.person and id < $3 order by id desc limit $2
) as found order by found.id desc limit $2;
