"""Measures: what a program did over days, by measurement events that every step emits, and these events themselves.

What is kept follows the log with the figures, so that a month costs the same however long the history is; ``recount`` counts the events
of the log anew and compares. Must not know: SQL, HTTP.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.follow.figures import FOLLOWER as FIGURES
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.app.see.paging import Page
from goodword.app.see.reports import By
from goodword.core import books, calendar, measuring, rollup
from goodword.core import entry as log_entry
from goodword.core.measuring import MEASURES, How, Measurement
from goodword.store import books as stored
from goodword.store import figures, followers, log, pages

#: The month in which the workspace's clock is.
PRESENT: Final = "present"
_MOST, _BYTES = 500, 1 << 20  # entries that a page of measurement events looks through, and bytes of them
_PIECE, _PIECE_BYTES = 2_000, 4 << 20  # likewise of a recount
_MOST_DIFFERENCES = 100


class Told(Struct, frozen=True):
    """What a measure came to in a unit, of a code, or of neither (both None). ``amount``: minor units or points, if it has a unit."""

    unit: str | None
    code: str | None
    count: int
    amount: int | None


class Measured(Struct, frozen=True):
    """A measure over the days. ``told``: by unit or code, of a count and a sum; empty: there was none.

    ``median``, ``p95``: of a time, in seconds, rounded down as ``measuring.rounded`` says; None: nothing was paid. ``count``: how many.
    """

    measure: str
    v: int
    how: How
    of: str
    of_v: int
    count: int
    told: list[Told]
    median: int | None = None
    p95: int | None = None


class Measures(Struct, frozen=True):
    """``begin`` up to, and without, ``end``: days in ``zone``, of deciding or of occurring. True up to entry ``as_of_position``.

    ``program``: its id, None: all that are shown. ``absent``: what nobody said anything of.
    """

    begin: str
    end: str
    starts: tuple[int, int]
    zone: str
    by: By
    program: str | None
    position: int
    as_of_position: int
    measures: list[Measured]
    absent: tuple[str, ...] = ()


@requires("report.read")
async def over(  # noqa: PLR0913 - each says what is asked for
    who: Principal,
    directory: Directory,
    begin: str | None = None,
    end: str | None = None,
    program: str | None = None,
    *,
    month: str | None = None,
    zone: str | None = None,
    by: By = "decided",
) -> Measures:
    """Return each measure over days such as 2011-03-27, by default the last 30 of the workspace's clock, or a month such as 2011-03.

    ``month`` may be ``PRESENT``: that in which the workspace's clock is.

    ``program``: an id or a slug; without one, of all, or of those that the reader is limited to. ``zone``: whose days they are; by
    default the program's, and UTC of all. By ``occurred`` what is measured counts when it happened, what an order earns when that did.
    Raises InvalidError, and UnknownError for a program that there is not.
    """
    ws = who.workspace.id
    filters.choice("by", by, ("occurred", "decided"))
    async with directory.snapshot() as conn:
        stream = await log.stream(conn, ws)
        programs = await filters.programs(conn, who, program)
        one = programs[0] if program is not None and programs else None
        zone = zone or await _zone(conn, ws, one)
        now = stream.now(directory.now())
        begin, end = filters.window(*_days(month, begin, end, now, zone), now, zone)
        starts = calendar.day_begins(begin, zone), calendar.day_begins(end, zone)
        span = rollup.measured_span(*map(calendar.utc_slot, starts))
        rows = await figures.days(conn, ws, {"": span}, programs, by)
        position = await followers.position(conn, ws, FIGURES.name)
    found: dict[str, list[tuple[str, int, int]]] = {}
    for row in rows:
        found.setdefault(row.metric, []).append((row.unit, row.count, row.amount))
    measures = [_measured(name, found) for name in MEASURES]
    absent = tuple(it.measure for it in measures if it.measure in measuring.ABSENT and not it.count)
    return Measures(
        begin,
        end,
        starts,
        zone,
        by,
        one,
        stream.position,
        position,
        [it for it in measures if it.measure not in absent],
        absent,
    )


def _days(month: str | None, begin: str | None, end: str | None, now: int, zone: str) -> tuple[str | None, str | None]:
    """Return the days of a month, or those that are said in its place."""
    if month is None:
        return begin, end
    if begin is not None or end is not None:
        raise InvalidError("A month, or days: not both.", "month")
    try:
        month = calendar.period(now, "month", zone) if month == PRESENT else month
        return f"{month}-01", f"{books.later(month, 1)}-01"
    except ValueError as error:
        raise InvalidError(f"{error}.", "month") from error


async def _zone(conn: asyncpg.Connection, ws: str, program: str | None) -> str:
    """Return the time zone of a program's newest rules; UTC of all."""
    if program is None:
        return "UTC"
    versions = {it.id: it.versions for it in await pages.programs(conn, ws)}
    return (await stored.zones(conn, ws)).get(versions[program][-1][1]) or "UTC"


def _measured(name: str, found: dict[str, list[tuple[str, int, int]]]) -> Measured:
    it = MEASURES[name]
    of_v = measuring.EVENTS[it.of]
    if it.how == "time":
        rows = found.get(rollup.named(name, it.v), [])
        histogram = {int(unit): count for unit, count, _ in rows}
        ranks = measuring.rank(histogram, 50), measuring.rank(histogram, 95)
        return Measured(name, it.v, it.how, it.of, of_v, sum(histogram.values()), [], *ranks)
    rows = found.get(rollup.named(it.of, of_v), [])
    has_unit = it.how == "amount"
    told = [
        Told(
            unit or None if has_unit else None, None if has_unit else unit or None, count, amount if has_unit else None
        )
        for unit, count, amount in rows
    ]
    return Measured(name, it.v, it.how, it.of, of_v, sum(one.count for one in told), told)


@requires("report.read")
async def events(who: Principal, directory: Directory, *, after: int = 0) -> Page[Measurement]:
    """Return the measurement events of the entries behind a position, in the order of the log; of the programs that are shown.

    So many entries are looked through that a page costs the same wherever it begins: it may have no event, and there be a next one.
    """
    async with directory.reading() as conn:
        leaves = await followers.leaves(conn, who.workspace.id, after, _MOST, _BYTES)
        end = (await log.stream(conn, who.workspace.id)).position
    items = [it for leaf in leaves for it in measuring.emitted(log_entry.read(leaf)) if _shown(who.programs, it)]
    last = after + len(leaves)
    return Page(items, str(last) if leaves and last < end else None)


def _shown(programs: Collection[str] | None, it: Measurement) -> bool:
    return programs is None or it.program in programs


class Differs(Struct, frozen=True):
    """What is kept and what the log says otherwise of: (how many, how much); None: there is no such row."""

    what: str
    kept: tuple[int, int] | None
    recounted: tuple[int, int] | None


class Recount(Struct, frozen=True):
    """Measurement events of the log up to ``position`` counted anew, beside what is kept; the first differences."""

    position: int
    events: int
    rows: int
    differences: list[Differs]


@requires("log.read")
async def recount(who: Principal, directory: Directory) -> Recount:
    """Read the log as far as it was followed, count its measurement events anew, and compare every kept sum with that."""
    ws = who.workspace.id
    async with directory.snapshot() as conn:
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        end = await followers.position(conn, ws, FIGURES.name)
        kept = {row[:5]: (int(row[5]), int(row[6])) for row in await figures.measured(conn, ws)}
        times, events_, position = measuring.Times(), 0, 0
        changes: rollup.Changes = {}
        while position < end:
            leaves = await followers.leaves(conn, ws, position, min(_PIECE, end - position), _PIECE_BYTES)
            if not leaves:
                raise LookupError(f"the log of {ws} lacks the entry behind {position}: see goodword verify")
            for leaf in leaves:
                emitted = measuring.emitted(log_entry.read(leaf))
                events_ += len(emitted)
                rollup.measured(changes, emitted)
                rollup.took(changes, times.hear(emitted))
            position += len(leaves)
    anew = {key: (count, amount) for key, (count, amount) in rollup.with_days(changes).items()}
    wrong = [
        Differs(" ".join(key), kept.get(key), anew.get(key))
        for key in sorted({*kept, *anew})
        if kept.get(key) != anew.get(key)
    ]
    return Recount(position, events_, len(kept), wrong[:_MOST_DIFFERENCES])
