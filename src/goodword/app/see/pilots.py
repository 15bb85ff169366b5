"""Pilots: who a program runs for first, and the report of each candidate by the seven points of an audit.

A candidate is a reward whose order happened within the cycles of the pilot. One that lacks nothing but the approval it still waits for
is no failure: it waits. Must not know: what a point asks (``core.audit``), SQL, HTTP.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.follow.lag import lags
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.app.see.parties import Known, Parties
from goodword.core import audit, calendar, pilots, rollup, rules
from goodword.core.state import Payout, Pilot, Program, Reward
from goodword.store import eligibility, figures, log, pages, workspaces
from goodword.store import rules as rule_versions

#: ``draft``: its cycle begins with the launch; ``running``: it is not over; ``due``: a member is to decide; ``stopped``: the program is
#: paused or ended; ``over``: it is for all.
State = Literal["draft", "running", "due", "stopped", "over"]
_PIECE = 500  # rewards that are looked at closer at once
_REFUSED = rollup.REFUSED["outside_pilot"]


class Missing(Struct, frozen=True):
    """A point that a candidate lacks: its name, what shows it, and that in words."""

    point: str
    code: str
    sentence: str


class Failure(Struct, frozen=True):
    """A candidate with what it lacks."""

    about: Parties
    points: tuple[Missing, ...]

    @property
    def id(self) -> str:
        """The reward's."""
        return self.about.id


class Report(Struct, frozen=True, kw_only=True):
    """The report of a program's newest pilot, up to the position ``through`` of the log.

    ``cycles``: of this pilot, the oldest first; ``begin`` up to ``end``: when the orders of its candidates happened; ``mails``: of who
    said who is in, by member, for who may see them. Of ``count`` candidates ``whole`` lack none of the seven points, ``waiting`` only
    wait for their decision, and the others fail, each by ``points``: point -> how many lack it.
    ``outside``: so many referrals were refused since it was for others, as far as the figures have followed (``lag_seconds``).
    ``sha256``: names what each candidate lacks, and is sent back by who decides.
    """

    program: Program
    state: State
    cycles: tuple[Pilot, ...]
    begin: int
    end: int
    now: int
    mails: dict[str, str]
    count: int
    whole: int
    waiting: int
    points: dict[str, int]
    outside: int
    lag_seconds: float
    through: int
    sha256: str

    @property
    def cycle(self) -> Pilot:
        """The newest of its cycles."""
        return self.cycles[-1]

    @property
    def failing(self) -> int:
        """How many candidates lack a point."""
        return self.count - self.whole - self.waiting

    @property
    def decided(self) -> int:
        """How many candidates do not wait: of these the share is told."""
        return self.count - self.waiting

    @property
    def percent(self) -> str | None:
        """The share of what does not wait that lacks nothing, in percent, rounded down: 100 is all of them. None: all wait."""
        if not self.decided:
            return None
        tenths = 1000 * self.whole // self.decided
        return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)


class Beginning(Struct, frozen=True):
    """A program, and when a cycle ends that begins now. ``has``: it had a pilot, of which there is a report."""

    program: Program
    name: str
    now: int
    ends: int

    @property
    def has(self) -> bool:
        """Whether there is a report."""
        return bool(self.program.pilots)


@requires("reward.read")
async def beginning(who: Principal, directory: Directory, program: str) -> Beginning:
    """Return what a pilot of a program, by its id or slug, would begin with. Raises UnknownError."""
    async with directory.snapshot() as conn:
        it = await _program(conn, who, program)
        [(number, text)] = await rule_versions.documents(conn, who.workspace.id, [it.newest or ""])
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
    means = rules.version(text, number).means
    return Beginning(it, means.name or it.slug, now, pilots.cycle_ends(means, now))


@requires("reward.read")
async def report(who: Principal, directory: Directory, program: str) -> Report:
    """Return the report of the newest pilot of a program, by its id or slug. Raises UnknownError, also where there was none."""
    async with directory.snapshot() as conn:
        it, cycles, begin, end = await _of(conn, who, program)
        ws = who.workspace
        stream = await log.stream(conn, ws.id)
        now = stream.now(directory.now())
        found = await eligibility.candidates(conn, ws.id, begin, end, it.id)
        points, waiting, whole = Counter(found.points), found.waiting, found.whole
        for start in range(0, len(found.doubtful), _PIECE):
            pieces = await paging.each(conn, who, Reward, found.doubtful[start : start + _PIECE])
            for failure in await _looked(conn, who, directory, pieces):
                points.update(point.point for point in failure.points)
                waiting -= 1
        slots = calendar.utc_slot(begin), calendar.utc_slot(now + calendar.QUARTER_HOUR)
        counted = await figures.days(conn, ws.id, {"": slots}, [it.id], "decided")
        behind = [lag.seconds for lag in await lags(conn, directory.now(), ws.id) if lag.follower == FIGURES.name]
        mails = await workspaces.mails(conn, ws) if who.may("member.mails") else {}
    return Report(
        program=it,
        state=_state(it, cycles[-1], now),
        cycles=cycles,
        begin=begin,
        end=end,
        now=now,
        mails={cycle.by: mails[cycle.by] for cycle in cycles if cycle.by in mails},
        count=found.rewards,
        whole=whole,
        waiting=waiting,
        points={point: points[point] for point in audit.POINTS if points[point]},
        outside=sum(figure.count for figure in counted if figure.metric == _REFUSED),
        lag_seconds=behind[0] if behind else 0.0,
        through=stream.position,
        sha256=found.sha256,
    )


@requires("reward.read")
async def failures(
    who: Principal, directory: Directory, program: str, *, after: str = "", limit: int = 50
) -> Page[Failure]:
    """Return candidates that fail with the points that each lacks, in order of id. Raises UnknownError.

    A page may hold fewer than ``limit`` and still have a next one: whatever a claim or case may stop is looked at closer.
    """
    async with directory.snapshot() as conn:
        it, _, begin, end = await _of(conn, who, program)
        ids = await eligibility.failing_candidates(conn, who.workspace.id, begin, end, it.id, after=after, limit=limit)
        found = await _looked(conn, who, directory, await paging.each(conn, who, Reward, ids))
    return Page(tuple(found), ids[-1] if len(ids) == limit else None)


@requires("program.read")
async def due(who: Principal, directory: Directory) -> list[tuple[str, int]]:
    """Return the slugs of programs whose pilots' cycles are over and that nobody decided about, each with since when."""
    async with directory.reading() as conn:
        running = [it for it in await pages.programs(conn, who.workspace.id) if it.pilot is not None]
        if not running:
            return []
        now = (await log.stream(conn, who.workspace.id)).now(directory.now())
    return [
        (it.slug, pilot.ends)
        for it in running
        if who.sees(it.id) and (pilot := it.pilot) is not None and _state(it, pilot, now) == "due"
    ]


async def _of(conn: asyncpg.Connection, who: Principal, named: str) -> tuple[Program, tuple[Pilot, ...], int, int]:
    program = await _program(conn, who, named)
    if not program.pilots:
        raise UnknownError("pilot")
    return program, *pilots.window(program)


async def _program(conn: asyncpg.Connection, who: Principal, named: str) -> Program:
    [id_] = await filters.programs(conn, who, named) or [""]
    [program] = [it for it in await pages.programs(conn, who.workspace.id) if it.id == id_]
    return program


def _state(program: Program, cycle: Pilot, now: int) -> State:
    if cycle.over is not None:
        return "over"
    if program.status != "active":
        return "draft" if program.status == "draft" else "stopped"
    return "due" if now >= cycle.ends else "running"


async def _looked(
    conn: asyncpg.Connection, who: Principal, directory: Directory, rewards: list[Reward]
) -> list[Failure]:
    """Those of these rewards that fail, with what they lack."""
    if not rewards:
        return []
    known = await Known.of(conn, who, directory, rewards)
    known.draft.state.update({(Payout, it.id): it for it in known.payouts.values()})
    found = []
    for about, reward in zip(known.parties(who, rewards), rewards, strict=True):
        open_ = reward.status in ("pending", "in_review")
        lacks = tuple(
            Missing(point.point, point.code, words.audited(point.point, point.code, point.values))
            for point in audit.points(known.draft, reward)
            if point.answer == "no" and not (open_ and point.point == "approval")
        )
        if lacks:
            found.append(Failure(about, lacks))
    return found
