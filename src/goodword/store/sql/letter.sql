-- name: begin
-- Mails that are about to be given to the server: each once, whoever else has it in hand.
insert into letter_text (workspace_id, message, person, mail, stop, sealed, begun_at)
select $1, mine.*, $7 from unnest($2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::bytea[])
  as mine (message, person, mail, stop, sealed)
on conflict do nothing returning message;

-- name: heard
-- What the mail server answered.
update letter_text set answer = mine.answer, reason = mine.reason
from unnest($2::text[], $3::text[], $4::text[]) as mine (message, answer, reason)
where letter_text.workspace_id = $1 and letter_text.message = any($2) and letter_text.message = mine.message;

-- name: begun
-- Which of these were begun, and what was answered.
select message, answer, reason from letter_text where workspace_id = $1 and message = any($2);

-- name: drop
-- Mails that the server did not take: they may be sent again.
delete from letter_text where workspace_id = $1 and message = any($2);

-- name: mails
-- The mail of these persons that is new last, as a trusted source says: its digest, what that event said, sealed; and whether there
-- are several.
select wanted.person, found.blind, found.evt, personal.sealed, found.several
from unnest($2::text[]) as wanted (person)
cross join lateral (
  select blind, coalesce(raised, evt) as evt, count(*) over () > 1 as several from match_key
  where workspace_id = $1 and person = wanted.person and kind = 'mail' and verified order by coalesce(raised, evt) desc nulls last limit 1
) as found
join personal on personal.workspace_id = $1 and personal.person = wanted.person and personal.evt = found.evt;

-- name: suppressed
-- Which of these addresses nothing is sent to, and why.
select mail, reason from suppression where workspace_id = $1 and mail = any($2);

-- name: suppress
-- Nothing is sent any more to where a message went; what its person asked for is no reason beside what channels report.
insert into suppression (workspace_id, mail, reason, message, since)
select workspace_id, mail, $3, message, $4 from letter_text where workspace_id = $1 and message = $2
on conflict (workspace_id, mail) do update set reason = excluded.reason, message = excluded.message, since = excluded.since
where suppression.reason = 'unsubscribed' and excluded.reason <> 'unsubscribed';

-- name: lift
-- Somebody may be written to again, at each address that they have or had.
delete from suppression where workspace_id = $1 and mail in (
  select blind from match_key where workspace_id = $1 and person = $2 and kind = 'mail' and verified
  union select mail from letter_text where workspace_id = $1 and person = $2
);

-- name: want
-- Somebody wants mails again who had wanted none at an address of theirs; what channels reported of it stays.
delete from suppression where workspace_id = $1 and reason = 'unsubscribed' and mail in (
  select blind from match_key where workspace_id = $1 and person = $2 and kind = 'mail' and verified
);

-- name: whose
-- Which message an address for unsubscribing is of.
select message from letter_text where workspace_id = $1 and stop = $2;

-- name: said
-- What a message said, sealed, and to whom.
select person, sealed, begun_at from letter_text where workspace_id = $1 and message = $2;

-- name: of_person
-- The newest messages of somebody under all of their ids, before one of them.
select found.id from unnest($2::text[]) as wanted (person)
cross join lateral (
  select id, at from letter where workspace_id = $1 and person = wanted.person and (at, id) < ($3, $4) order by at desc, id desc limit $5
) as found order by found.at desc, found.id desc limit $5;

-- name: open
-- Messages in a state in which they are not to stay, the oldest first; one that was ordered before an instant; and the gifts' that
-- were not sent, unless a member said that they stay so.
select id from (
  select id, at from letter where workspace_id = $1 and status in ('unknown', 'refused', 'ordered') and (status <> 'ordered' or at < $2)
  union all
  select id, at from letter where workspace_id = $1 and topic = 'gift' and status = 'withheld' and reason <> 'left_by_member'
) as it order by at, id limit $3;

-- name: unknown
-- Of how many messages nobody knows whether they arrived, in all workspaces.
select count(*) from letter where status = 'unknown';

-- name: echo
-- How often people, not programs, opened the page of these codes, and whether anybody came by somebody's recommendation.
select coalesce((select sum(people) from page_view where workspace_id = $1 and code = any($4)), 0) as views,
  exists (
    select from referral where workspace_id = $1 and (shares -> 0) ->> 'person' = $3 and status <> '' and program = $2
  ) as brought;

-- name: advocates
-- Advocates of a program who joined before an instant, behind one of them, in order.
select person from advocate
where workspace_id = $1 and program = $2 and status = 'active' and person > $3 and enrolled_at <= $5 order by person limit $4;
