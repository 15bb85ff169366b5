"""What persons dispute and claim, and what they and the team write about it: as they see it themselves, and as the team's inbox does.

To a person only what they said themselves is there, its state, and what was written to them: nothing of who looks, of what else is
said about a friend, nor whether there is a friend of that name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import taxes
from goodword.app.see.paging import Page
from goodword.core import calendar, claims, settlement
from goodword.core.entry import Entry
from goodword.core.events import CaseDecided, note_of
from goodword.core.ids import PREFIXES
from goodword.core.state import Case, Claim, Referral, Reward
from goodword.sources.split import is_id
from goodword.store import disputes, entities, log, notes, pages, people

#: So many of a page, and of the inbox.
MOST: Final = 20
MOST_WAITING: Final = 200
#: A claim is answered within as many days as a dispute is decided in.
DAYS: Final = settlement.CASE_DAYS[settlement.DISPUTE] * calendar.DAY
_OPEN: Final = ("open", "appealed")


class Said(Struct, frozen=True):
    """A message of the person or of the team (``side``). ``text``: None where it was erased, or is for others."""

    side: str
    at: int
    text: str | None


class Talk(Struct, frozen=True, kw_only=True):
    """A dispute (``noun`` case) or a claim of a person.

    ``status``: open, appealed, upheld, dismissed; of a claim its own. ``subject``: the reward or referral disputed, ``reason``: why.
    ``due_at``: by when it is answered; ``appeal_until``: until when a no may be appealed, None: not. ``messages``: all that
    was said to and fro, in order, where it is read.
    """

    id: str
    noun: Literal["case", "claim"]
    person: str
    status: str
    opened_at: int
    due_at: int
    subject: str | None = None
    reason: str | None = None
    appealed: bool = False
    appeal_until: int | None = None
    messages: tuple[Said, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether somebody is still to decide."""
        return self.status in _OPEN


class About(Struct, frozen=True):
    """What somebody may say is not right: a reward or a referral of theirs. ``before``: the newest dispute about it.

    ``answered_by``: by when one that is said now is answered.
    """

    subject: str
    reward: Reward | None
    since: int
    before: Talk | None
    answered_by: int


@requires("own.dispute")
async def about(who: Principal, directory: Directory, subject: str) -> About:
    """Return a reward or a referral of theirs. Raises UnknownError, for another's too."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        _, names = await taxes.names_of(conn, ws, who.actor.id)
        now = (await log.stream(conn, ws)).now(directory.now())
        before = [
            _talk(it) for it in await entities.of(conn, ws, (Case, "disputed"), [subject]) if isinstance(it, Case)
        ]
        last = max(before, key=lambda it: it.opened_at, default=None)
        if is_id(subject, PREFIXES["reward"]):
            for reward in await entities.load(conn, ws, Reward, [subject]):
                if reward.beneficiary in names:
                    return About(subject, reward, reward.earned_at, last, now + DAYS)
        elif is_id(subject, PREFIXES["referral"]):
            for it in await entities.load(conn, ws, Referral, [subject]):
                if any(share.person in names for share in it.shares):
                    return About(subject, None, it.lead_at, last, now + DAYS)
    raise UnknownError("reward")


@requires("own.dispute")
async def about_oneself(who: Principal, directory: Directory) -> About:
    """Return likewise what is held of oneself, and what one said about that before."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        _, names = await taxes.names_of(conn, ws, who.actor.id)
        now = (await log.stream(conn, ws)).now(directory.now())
        before = [_talk(it) for it in await entities.of(conn, ws, (Case, "disputed"), names) if isinstance(it, Case)]
    last = max(before, key=lambda it: it.opened_at, default=None)
    return About(who.actor.id, None, now, last, now + DAYS)


class Claimable(Struct, frozen=True):
    """The programs in which somebody may claim a friend, by slug; ``answered_by``: by when one that is claimed now is answered."""

    programs: tuple[str, ...]
    today: str
    answered_by: int


@requires("own.dispute")
async def claimable(who: Principal, directory: Directory) -> Claimable:
    """Return where they may claim a friend."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws)).now(directory.now())
        theirs = {it.program for it in await pages.advocates(conn, ws, person=who.actor.id, after="", limit=MOST)}
        slugs = tuple(it.slug for it in await pages.programs(conn, ws) if it.id in theirs)
    return Claimable(slugs, calendar.utc_day(now), now + DAYS)


@requires("own.dispute")
async def own(who: Principal, directory: Directory, *, before: str = "") -> Page[Talk]:
    """Return what one disputed and claimed, the newest first, without its texts. ``before``: the last one of the page before."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        _, names = await taxes.names_of(conn, ws, who.actor.id)
        ids = await disputes.of_persons(conn, ws, names, before, MOST)
        found = await _load(conn, ws, ids)
        return Page([_talk(found[id_]) for id_ in ids], ids[-1] if len(ids) == MOST else None)


@requires("own.dispute")
async def own_one(who: Principal, directory: Directory, talk: str) -> Talk:
    """Return one of them with its texts. Raises UnknownError, for another's too."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        _, names = await taxes.names_of(conn, ws, who.actor.id)
        for it in (await _load(conn, ws, [talk])).values():
            if _person(it) in names:
                return await _told(conn, who, it)
    raise UnknownError("dispute")


@requires("own.dispute")
async def now(who: Principal, directory: Directory) -> int:
    """Return the instant of the workspace's clock."""
    async with directory.reading() as conn:
        return (await log.stream(conn, who.workspace.id)).now(directory.now())


class Waiting(Struct, frozen=True, kw_only=True):
    """Something that a person waits for. ``name``: the company's own for them, for who may see it; ``last``: the newest message.

    ``ours``: whether they wrote last, or nobody has answered yet; ``since``: since when.
    """

    talk: Talk
    program: str | None
    name: str | None
    last: Said | None
    ours: bool
    since: int


class Inbox(Struct, frozen=True):
    """What persons wait for, the oldest first. ``many``: there is more than is shown; ``now``: the instant of the workspace's clock."""

    items: tuple[Waiting, ...]
    many: bool
    now: int


@requires("case.read")
async def inbox(who: Principal, directory: Directory) -> Inbox:
    """Return what persons dispute and claim that is not decided: what waits for a word of the team first, by its day."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        ids = await disputes.waiting(conn, ws.id, who.programs, MOST_WAITING + 1)
        found = [it for it in (await _load(conn, ws.id, ids[:MOST_WAITING])).values() if _reads(who, it)]
        slugs = {it.id: it.slug for it in await pages.programs(conn, ws.id)}
        persons = {_person(it) or "" for it in found}
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, persons) if who.may("person.names") else {}
        last = [it.messages[-1].note for it in found if it.messages]
        texts = await notes.each(conn, ws, last) if last and who.may("note.read") else {}
    rows = [_waiting(it, slugs, names, texts) for it in found]
    rows.sort(key=lambda it: (not it.ours, it.talk.due_at, it.talk.id))
    return Inbox(tuple(rows), len(ids) > MOST_WAITING, now)


@requires("case.read")
async def of_case(who: Principal, directory: Directory, case: str) -> Talk | None:
    """Return a dispute as the team sees it; None: it is another case. Raises UnknownError, for one that is not shown too."""
    return await _of_team(who, directory, case)


@requires("claim.read")
async def of_claim(who: Principal, directory: Directory, claim: str) -> Talk | None:
    """Return likewise a claim that a person entered; None: somebody else did."""
    return await _of_team(who, directory, claim)


async def _of_team(who: Principal, directory: Directory, id_: str) -> Talk | None:
    async with directory.snapshot() as conn:
        for it in (await _load(conn, who.workspace.id, [id_])).values():
            if who.sees(it.program):
                return None if _person(it) is None else await _told(conn, who, it)
    raise UnknownError("case")


def _reads(who: Principal, it: Case | Claim) -> bool:
    return who.sees(it.program) and (isinstance(it, Case) or who.may("claim.read"))


def _waiting(it: Case | Claim, slugs: Mapping[str, str], names: Mapping[str, str], texts: Mapping[str, str]) -> Waiting:
    talk, last = _talk(it), it.messages[-1] if it.messages else None
    ours = last is None or last.side == "person"
    since = it.opened_at if last is None else last.at
    said = None if last is None else Said(last.side, last.at, texts.get(last.note))
    program = slugs.get(it.program or "")
    return Waiting(talk=talk, program=program, name=names.get(talk.person), last=said, ours=ours, since=since)


async def _load(conn: asyncpg.Connection, ws: str, ids: Sequence[str]) -> dict[str, Case | Claim]:
    """Return these cases and claims by id: what is an id of neither is not there."""
    cases = [id_ for id_ in ids if is_id(id_, PREFIXES["case"])]
    theirs = [id_ for id_ in ids if is_id(id_, PREFIXES["claim"])]
    found: dict[str, Case | Claim] = {it.id: it for it in await entities.load(conn, ws, Case, cases)}
    return found | {it.id: it for it in await entities.load(conn, ws, Claim, theirs)}


def _person(it: Case | Claim) -> str | None:
    return it.person if isinstance(it, Case) else claims.of_person(it)


def _talk(it: Case | Claim) -> Talk:
    since = it.opened_at if it.appealed_at is None else it.appealed_at
    status, due, of, reason = it.status, None, None, None
    if isinstance(it, Case):
        status = it.outcome if it.status == "decided" and it.outcome is not None else it.status
        due, of, reason = it.due_at, it.subject, it.reason
    return Talk(
        id=it.id,
        noun="case" if isinstance(it, Case) else "claim",
        person=_person(it) or "",
        status=status,
        opened_at=it.opened_at,
        due_at=due or since + DAYS,
        subject=of,
        reason=reason,
        appealed=it.appealed_at is not None,
        appeal_until=it.appeal_until if status in ("dismissed", "lost", "none") else None,
    )


async def _told(conn: asyncpg.Connection, who: Principal, it: Case | Claim) -> Talk:
    """Return it with all that was said to and fro, in order: what they said first, and the words beside answers and appeals.

    What is typed beside the decision of a dispute is its answer; what colleagues type elsewhere is for colleagues.
    """
    ws, reads = who.workspace, who.may("note.read") or who.actor.kind == "person"
    evts = [it.evt, *it.between, *([it.decided_evt] if it.decided_evt is not None else [])]
    entries = await log.of_each(conn, ws.id, evts)
    beside = [
        (entry.as_of, 0 if evt == it.evt else 2, side, note)
        for evt in evts
        if (side := _side(entry := entries[evt])) is not None and (note := note_of(entry.event)) is not None
    ]
    between = [(one.at, 1, one.side, one.note) for one in it.messages]  # nothing is written behind a decision
    said = sorted([*beside, *between], key=lambda one: one[:2])
    texts = await notes.each(conn, ws, [note for *_, note in said]) if said and reads else {}
    return replace(_talk(it), messages=tuple(Said(side, at, texts.get(note)) for at, _, side, note in said))


def _side(entry: Entry) -> str | None:
    """Whose text stands beside an entry that both sides read; None: none that both do."""
    actor = entry.facts.actor
    if actor is not None and actor.kind == "person":
        return "person"
    return "team" if type(entry.event) is CaseDecided else None
