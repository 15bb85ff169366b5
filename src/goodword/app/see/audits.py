"""The audit of rewards: the seven points of each, the share of those that lack none, and why a payout went where it did, on one page.

Must not know: what a point asks (``core.audit``), SQL, HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import FrozenList, Page
from goodword.app.see.parties import Known, Parties
from goodword.app.see.records import Named
from goodword.core import audit, auditing, calendar, hands, payouts
from goodword.core.audit import Answer, Point
from goodword.core.auditing import Seen
from goodword.core.entry import Entry
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Audit, Conversion, Member, Payee, Payout, Reward, Standing
from goodword.store import eligibility, entities, log, pages, workspaces
from goodword.store.log import Head

#: Rewards of a payout that stand on its sheet; of more it says how many there are.
MOST = 200
_PIECE = 500  # entries, and rewards, that are read at once
_FIRST, _LAST = 0, calendar.parse("9000-01-01T00:00:00Z")


class Answered(Struct, frozen=True, kw_only=True):
    """A point of a reward, answered. ``sentence``: in words; ``position``: of the entry that shows it, for who may read the log."""

    point: str
    answer: Answer
    code: str
    values: dict[str, Any]
    sentence: str
    evt: str | None
    position: int | None
    noun: str | None
    id: str | None


class Audited(Struct, frozen=True, kw_only=True):
    """A reward with its seven points. ``lacks``: those that are answered with no."""

    about: Parties
    points: tuple[Answered, ...]
    lacks: tuple[str, ...]

    @property
    def id(self) -> str:
        """The reward's."""
        return self.about.id


class Approver(Struct, frozen=True, kw_only=True):
    """Who approved, or (``released``) sent: a member or a standing approval. ``position``: the entry, for who may read the log."""

    who: Named
    subject: str
    released: bool
    position: int | None


class Sheet(Struct, frozen=True, kw_only=True):
    """Why money went where it did: of a payout, or of one reward. ``rewards``: the first ``MOST`` of ``count``.

    ``head``: the newest signed head of the log, None for who may not read it and while there is none; ``payout``: None of a reward
    that lies in none, and for who may see none.
    """

    payout: Payout | None
    rewards: tuple[Audited, ...]
    count: int
    approvers: tuple[Approver, ...]
    head: Head | None
    now_at: int


class Accuracy(Struct, frozen=True):
    """``whole`` of ``count`` rewards lack none of the seven points."""

    program: str
    status: str
    count: int
    whole: int


class Looked(Struct, frozen=True, kw_only=True):
    """A payout that is looked at. ``why``: the rules by which it is an outlier, none: it was drawn. ``lacks``: points, by reward."""

    payout: Payout
    name: str | None
    why: tuple[str, ...]
    lacks: tuple[tuple[str, tuple[str, ...]], ...]


class Month(Struct, frozen=True, kw_only=True):
    """The audit of a month. ``count``: payouts that completed in it; ``looked``: outliers, then the sample, as ``frozen`` lists them.

    ``head``: that by which the sample was drawn, None: none is signed that has the whole month, so that nothing is drawn yet.
    ``signed``: who signed last; ``mail``: theirs; ``is_same``: it was this very list. ``own``: payouts in which the reader had a part,
    so that they do not sign.
    """

    month: str
    count: int
    looked: tuple[Looked, ...]
    frozen: FrozenList
    head: Head | None
    signed: Audit | None
    mail: str | None
    is_same: bool
    own: tuple[str, ...]


class Shares(Struct, frozen=True, kw_only=True):
    """The share by program and state, of what was earned from ``begin`` up to ``end``: days of UTC; None: without an end on that side.

    ``lacking``: what is paid and lacks a point, the first few: there is none (invariant I-30).
    """

    begin: str | None
    end: str | None
    rows: tuple[Accuracy, ...]
    lacking: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def paid(self) -> tuple[int, int]:
        """How many of what is paid lack nothing, and how many are paid."""
        its = [row for row in self.rows if row.status == "paid"]
        return sum(row.whole for row in its), sum(row.count for row in its)


@requires("reward.read")
async def of(who: Principal, directory: Directory, reward: str) -> Audited:
    """Return the seven points of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        [found] = await _audited(conn, who, directory, [await paging.one(conn, who, Reward, reward)])
    return found


@requires("reward.read")
async def of_reward(who: Principal, directory: Directory, reward: str) -> Sheet:
    """Return the sheet of one reward. Raises UnknownError."""
    async with directory.snapshot() as conn:
        it = await paging.one(conn, who, Reward, reward)
        payout = await _payout(conn, who, it.payout) if it.payout is not None and who.may("payout.read") else None
        return await _sheet(conn, who, directory, payout, [it], 1)


@requires("payout.read")
async def of_payout(who: Principal, directory: Directory, payout: str) -> Sheet:
    """Return the sheet of a payout, with each of its rewards. Raises UnknownError."""
    async with directory.snapshot() as conn:
        it = await paging.one(conn, who, Payout, payout)
        ids = [part.reward for part in it.parts]
        rewards = await entities.load(conn, who.workspace.id, Reward, ids[:MOST])
        return await _sheet(conn, who, directory, it, sorted(rewards, key=lambda one: ids.index(one.id)), len(ids))


@requires("audit.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    program: str | None = None,
    month: str | None = None,
    status: str | None = None,
    point: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Audited]:
    """Return rewards with their points. ``month``: in which they were earned, ``2026-11``, of UTC; ``point``: those that lack it.

    A page may hold fewer than ``limit`` where ``point`` is asked, and still have a next one. Raises InvalidError, UnknownError.
    """
    filters.choice("status", status, LIFECYCLES["reward"])
    filters.choice("point", point, audit.POINTS)
    begin, end = filters.month(month) or (_FIRST, _LAST)
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        ids = await eligibility.listed(
            conn, who.workspace.id, begin, end, [*programs], status=status, point=point, after=after, limit=limit
        )
        found = await _audited(conn, who, directory, await paging.each(conn, who, Reward, ids))
    kept = tuple(one for one in found if point is None or point in one.lacks)
    return Page(kept, ids[-1] if len(ids) == limit else None)


@requires("audit.read")
async def accuracy(
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    program: str | None = None,
    *,
    month: str | None = None,
) -> Shares:
    """Return the share of rewards that lack none of the seven points, counted from the rows. Raises InvalidError, UnknownError.

    ``month``: in the place of its first day and that of the next one.
    """
    since, until = filters.month(month) or (_day(begin, "from", _FIRST), _day(end, "to", _LAST))
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        asked = who.workspace.id, since, until, [*programs]
        rows = await eligibility.accuracy(conn, *asked)
        lacking = await eligibility.paid_and_lacking(conn, *asked, 20)
    shares = (Accuracy(programs[row.program], row.status, row.rewards, row.whole) for row in rows)
    return Shares(
        begin=begin,
        end=end,
        rows=tuple(sorted(shares, key=lambda row: (row.program, [*LIFECYCLES["reward"]].index(row.status)))),
        lacking=tuple((id_, tuple(lacks)) for id_, lacks in lacking),
    )


def _day(day: str | None, name: str, otherwise: int) -> int:
    try:
        return otherwise if day is None else calendar.day_begins(calendar.iso_day(day), "UTC")
    except (ValueError, OverflowError):
        raise InvalidError("Expected a day such as 2026-11-30.", name) from None


@requires("audit.read")
async def last_month(who: Principal, directory: Directory) -> str:
    """Return the last month of UTC that is over by the workspace's clock, such as ``2026-10``."""
    async with directory.reading() as conn:
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
    first = calendar.day_begins(f"{calendar.utc_day(now)[:7]}-01", "UTC")
    return calendar.utc_day(first - calendar.DAY)[:7]


@requires("audit.read")
async def month(who: Principal, directory: Directory, month: str) -> Month:
    """Return what is looked at of the payouts that completed in a month of UTC. Raises InvalidError, also for one that is not over.

    All outliers (``core.auditing``), and of the others a sample, drawn by the first signed head that has every entry of the month.
    """
    begin, end = filters.month(month) or (0, 0)
    ws = who.workspace
    async with directory.snapshot() as conn:
        stream = await log.stream(conn, ws.id)
        if end > stream.now(directory.now()):
            raise InvalidError(f"{month} is not over yet.", "month")
        marks = [await _position(conn, ws.id, at, stream.position) for at in (begin - 92 * calendar.DAY, begin, end)]
        completed = await _completed(conn, who, *marks[1:])
        seen, rewards = await _seen(conn, who, directory, completed, marks, begin)
        head = await eligibility.head_over(conn, ws.id, marks[2] - 1)
        signed = next(iter(await entities.load(conn, ws.id, Audit, [month])), None)
        mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
        members = await entities.every(conn, ws.id, Member)
        granted = {it.id: it.granted_by for it in await entities.every(conn, ws.id, Standing)}
        owed = {one.about.reward.beneficiary for one in rewards.values()}
        payees = {it.person: it for it in await entities.load(conn, ws.id, Payee, sorted(owed))}
    why = auditing.outliers(seen)
    drawn = (
        auditing.sample([one.payout.id for one in seen if one.payout.id not in why], head.root.hex()) if head else []
    )
    by_id = {one.payout.id: one.payout for one in seen}
    chosen = [by_id[id_] for id_ in (*sorted(why), *drawn)] if head is not None else []
    its = {payout.id: [rewards[part.reward] for part in payout.parts if part.reward in rewards] for payout in chosen}
    frozen = paging.frozen(payouts.item_of(payout) for payout in chosen)
    looked = tuple(
        Looked(
            payout=payout,
            name=next((one.about.beneficiary.name for one in its[payout.id]), None),
            why=why.get(payout.id, ()),
            lacks=tuple((one.id, one.lacks) for one in its[payout.id] if one.lacks),
        )
        for payout in chosen
    )
    find = {one.id: one for one in members}.get
    mine = hands.hands_among(find, who.actor.id)

    def is_own(payout: Payout) -> bool:
        parts = [one.about.reward for one in its[payout.id]]
        theirs = [payees[it.beneficiary] for it in parts if it.beneficiary in payees]
        had = auditing.had_part(payout, parts, theirs, granted)
        return any(not mine.isdisjoint(hands.hands_among(find, member)) for member in had)

    return Month(
        month=month,
        count=len(seen),
        looked=looked,
        frozen=frozen,
        head=head,
        signed=signed,
        mail=mails.get(signed.by) if signed is not None else None,
        is_same=signed is not None and signed.list_sha256 == frozen.list_sha256,
        own=tuple(payout.id for payout in chosen if is_own(payout)),
    )


async def _position(conn: asyncpg.Connection, ws: str, at: int, end: int) -> int:
    """The first position that was decided at an instant or later: what time the log shows never falls."""
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        entry = await log.at(conn, ws, middle)
        if entry is not None and entry.as_of < at:
            low = middle + 1
        else:
            high = middle
    return low


async def _completed(conn: asyncpg.Connection, who: Principal, begin: int, end: int) -> dict[str, tuple[Payout, int]]:
    """The payouts that completed between two positions and still stand so, with when."""
    positions = await eligibility.completed_at(conn, who.workspace.id, begin, end)
    when: dict[str, int] = {}
    moved: set[str] = set()
    for start in range(0, len(positions), _PIECE):
        for entry in await log.at_each(conn, who.workspace.id, positions[start : start + _PIECE]):
            named = [getattr(entry.event, "payout", None), *(verdict.subject for verdict in entry.verdicts)]
            named += [line.payout for line in getattr(entry.event, "lines", ())]
            named += [step.values.get("payout") for verdict in entry.verdicts for step in verdict.steps]
            when |= {id_: entry.as_of for id_ in named if isinstance(id_, str) and id_.startswith("pay_")}
            moved |= {posting.reward for posting in entry.postings if posting.destination in ("settled", "credit")}
    found = await entities.load(conn, who.workspace.id, Payout, when)
    return {
        it.id: (it, when[it.id])
        for it in found
        if it.status == "completed" and any(part.reward in moved for part in it.parts)
    }


async def _seen(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    completed: Mapping[str, tuple[Payout, int]],
    marks: Sequence[int],
    begin: int,
) -> tuple[list[Seen], dict[str, Audited]]:
    """What is known of each, and its rewards with their points."""
    ws = who.workspace.id
    ids = sorted({part.reward for payout, _ in completed.values() for part in payout.parts})
    rewards: dict[str, Audited] = {}
    for start in range(0, len(ids), _PIECE):
        loaded = await entities.load(conn, ws, Reward, ids[start : start + _PIECE])
        rewards |= {one.id: one for one in await _audited(conn, who, directory, loaded)}
    persons = sorted({payout.beneficiary for payout, _ in completed.values()})
    past = await eligibility.had(conn, ws, marks[0], marks[1], persons)
    now = await eligibility.had(conn, ws, marks[1], marks[2], persons)
    usual = await eligibility.places(conn, ws, begin, persons)
    payees = {it.person: it for it in await entities.load(conn, ws, Payee, persons)}
    orders = {one.about.reward.conversion for one in rewards.values()}
    countries = {it.id: it.country for it in await entities.load(conn, ws, Conversion, orders)}
    seen = []
    for payout, at in completed.values():
        its = [rewards[part.reward] for part in payout.parts if part.reward in rewards]
        places = {countries.get(one.about.reward.conversion) for one in its}
        seen.append(
            Seen(
                payout=payout,
                completed_at=at,
                month=now.get((payout.beneficiary, payout.unit), 0),
                past=past.get((payout.beneficiary, payout.unit), 0),
                places=frozenset(place for place in places if place is not None),
                usual=usual.get(payout.beneficiary, {}),
                payee=payees.get(payout.beneficiary),
                lacks=tuple(point for one in its for point in one.lacks),
                marked=tuple(at for one in its for at in auditing.marked(one.about.reward)),
            )
        )
    return seen, rewards


async def _programs(conn: asyncpg.Connection, who: Principal, named: str | None) -> Mapping[str, str]:
    """The programs to look at, by id with their slug."""
    only = await filters.programs(conn, who, named)
    return {it.id: it.slug for it in await pages.programs(conn, who.workspace.id) if only is None or it.id in only}


async def _payout(conn: asyncpg.Connection, who: Principal, id_: str) -> Payout | None:
    found = await entities.load(conn, who.workspace.id, Payout, [id_])
    return next((it for it in found if who.sees(*it.programs)), None)


async def _audited(
    conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: Sequence[Reward]
) -> tuple[Audited, ...]:
    if not rewards:
        return ()
    known = await Known.of(conn, who, directory, rewards)
    known.draft.state.update({(Payout, it.id): it for it in known.payouts.values()})
    made = [audit.points(known.draft, reward) for reward in rewards]
    entries: Mapping[str, Entry] = {}
    said: Mapping[str, int] = {}
    if who.may("log.read"):
        entries = await log.of_each(
            conn, who.workspace.id, {it.evt for its in made for it in its if it.evt is not None}
        )
        said = await pages.approved_each(conn, who.workspace.id, [reward.id for reward in rewards])
    return tuple(
        Audited(
            about=about,
            points=tuple(
                _answered(point, entries, said.get(about.id) if point.point == "approval" else None) for point in its
            ),
            lacks=audit.failing(its),
        )
        for about, its in zip(known.parties(who, rewards), made, strict=True)
    )


def _answered(point: Point, entries: Mapping[str, Entry], position: int | None) -> Answered:
    entry = entries.get(point.evt or "")
    return Answered(
        point=point.point,
        answer=point.answer,
        code=point.code,
        values=point.values,
        sentence=words.audited(point.point, point.code, point.values),
        evt=point.evt if entry is not None else None,
        position=entry.position if entry is not None else position,
        noun=point.noun,
        id=point.id,
    )


async def _sheet(
    conn: asyncpg.Connection,
    who: Principal,
    directory: Directory,
    payout: Payout | None,
    rewards: Sequence[Reward],
    count: int,
) -> Sheet:
    ws = who.workspace
    mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
    reads_log = who.may("log.read")
    subjects = [reward.id for reward in rewards] + ([payout.id] if payout is not None else [])
    said = await pages.approved_each(conn, ws.id, subjects) if reads_log else {}
    approvers = [
        Approver(who=Named(id_, mails.get(id_)), subject=reward.id, released=False, position=said.get(reward.id))
        for reward in rewards
        for id_ in reward.approvals
    ]
    if payout is not None:
        approvers += [
            Approver(who=Named(id_, mails.get(id_)), subject=payout.id, released=True, position=said.get(payout.id))
            for id_ in payout.releases
        ]
    return Sheet(
        payout=payout,
        rewards=await _audited(conn, who, directory, rewards),
        count=count,
        approvers=tuple(approvers),
        head=await log.last_head(conn, ws.id) if reads_log else None,
        now_at=(await log.stream(conn, ws.id)).now(directory.now()),
    )
