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
from goodword.app.see.paging import Page
from goodword.app.see.parties import Known, Parties
from goodword.app.see.records import Named
from goodword.core import audit, calendar
from goodword.core.audit import Answer, Point
from goodword.core.entry import Entry
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Payout, Reward
from goodword.store import eligibility, entities, log, pages, workspaces
from goodword.store.log import Head

#: Rewards of a payout that stand on its sheet; of more it says how many there are.
MOST = 200
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


class Shares(Struct, frozen=True, kw_only=True):
    """The share by program and state, of what was earned from ``begin`` up to ``end``: days of UTC; None: without an end on that side.

    ``lacking``: what is paid and lacks a point, the first few: there is none (invariant I-28).
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
    begin, end = month_of(month) if month is not None else (_FIRST, _LAST)
    asked = {"status": status, "point": point, "after": after, "limit": limit}
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        ids = await eligibility.listed(conn, who.workspace.id, begin, end, [*programs], **asked)
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
) -> Shares:
    """Return the share of rewards that lack none of the seven points, counted from the rows. Raises InvalidError, UnknownError."""
    since, until = _day(begin, "from", _FIRST), _day(end, "to", _LAST)
    async with directory.snapshot() as conn:
        programs = await _programs(conn, who, program)
        asked = who.workspace.id, since, until, [*programs]
        rows = await eligibility.accuracy(conn, *asked)
        lacking = await eligibility.paid_and_lacking(conn, *asked, 20)
    shares = (Accuracy(programs[row.program], row.status, row.count, row.whole) for row in rows)
    return Shares(
        begin=begin,
        end=end,
        rows=tuple(sorted(shares, key=lambda row: (row.program, [*LIFECYCLES["reward"]].index(row.status)))),
        lacking=tuple((id_, tuple(lacks)) for id_, lacks in lacking),
    )


def month_of(month: str) -> tuple[int, int]:
    """Return when a month such as ``2026-11`` begins in UTC, and the next one. Raises InvalidError."""
    try:
        first = calendar.day_begins(f"{month}-01", "UTC")
        if calendar.utc_day(first)[:7] != month:
            raise ValueError(month)
    except (ValueError, OverflowError):
        raise InvalidError("Expected a month such as 2026-11.", "month") from None
    return first, calendar.month_end_plus(first, 1, "UTC")


def days_of(month: str) -> tuple[str, str]:
    """Return the first day of a month, and of the next one. Raises InvalidError."""
    begin, end = month_of(month)
    return calendar.utc_day(begin), calendar.utc_day(end)


def _day(day: str | None, name: str, otherwise: int) -> int:
    try:
        return otherwise if day is None else calendar.day_begins(calendar.iso_day(day), "UTC")
    except (ValueError, OverflowError):
        raise InvalidError("Expected a day such as 2026-11-30.", name) from None


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
        Approver(
            who=Named(id_, mails.get(id_)), subject=reward.id, released=False, position=said.get(reward.id)
        )
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
