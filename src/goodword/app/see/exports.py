"""Tables for other systems, each row with the position of the log at which it changed last: an export goes on from the one before.

A table is read in one snapshot by a cursor, so that it costs the same memory however long it is. Persons, codes and visitors are the
ids that the log has; what names them is added only where it is asked for, by who may see names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, Literal, NamedTuple

import asyncpg

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import programs as all_programs
from goodword.app.see import reports
from goodword.core import calendar
from goodword.core import entry as log_entry
from goodword.core.events import ClickRecorded, TouchesRecorded
from goodword.store import exports, log, pages, people

#: What a column holds. ``integer``: money is in minor units, its currency or unit beside it; ``time``: microseconds, in UTC.
Kind = Literal["text", "integer", "time", "yes"]
_WINDOW: Final = 366  # days of figures that are read together


class Column(NamedTuple):
    """A column of a table."""

    name: str
    kind: Kind


class Table(NamedTuple):
    """A table as the log was at ``position``: columns, and rows in pieces. ``after``: behind which position they changed."""

    name: str
    after: int
    position: int
    columns: tuple[Column, ...]
    pieces: AsyncIterator[list[tuple[Any, ...]]]


def _columns(text: str) -> tuple[Column, ...]:
    """Return columns that are said as ``name kind``, without a kind of text."""
    kinds: dict[str, Kind] = {"integer": "integer", "time": "time", "yes": "yes"}
    return tuple(Column(said.split()[0], kinds.get(said.split()[-1], "text")) for said in text.split(","))


_REWARDS: Final = _columns(
    "id, program, referral, conversion, friend, beneficiary, side, share integer, kind, unit, gross integer, amount integer,"
    "sent integer, netted integer, forgiven integer, status, rules, on, earned_at time, hold_until time, approved_at time, due_at time,"
    "expires_at time, payout, changed integer"
)
_REFERRALS: Final = _columns(
    "id, program, friend, advocate, shares, status, rules, lead_at time, touch_at time, typed yes, confidence, changed integer"
)
_CONVERSIONS: Final = _columns(
    "id, person, name, status, at time, amount integer, currency, tax integer, shipping integer, discount integer, refunded integer,"
    "country, settled yes, rewards integer, event, changed integer"
)
_CLICKS: Final = _columns("id, code, at time, visitor, device, channel, bot yes, event, changed integer")
_FIGURES: Final = _columns("day, program, metric, unit, count integer, amount integer, changed integer")


@requires("reward.read")
def rewards(
    who: Principal, directory: Directory, after: int = 0, *, names: bool = False
) -> AbstractAsyncContextManager[Table]:
    """Open the rewards that changed behind a position; ``names``: with what the company calls the persons in them."""
    columns = _REWARDS if who.may("payout.read") else tuple(it for it in _REWARDS if it.name != "payout")
    return _rows(who, directory, "rewards", columns, after, ("friend", "beneficiary") if names else ())


@requires("referral.read")
def referrals(
    who: Principal, directory: Directory, after: int = 0, *, names: bool = False
) -> AbstractAsyncContextManager[Table]:
    """Open the referrals that changed behind a position, likewise."""
    return _rows(who, directory, "referrals", _REFERRALS, after, ("friend", "advocate") if names else ())


@requires("reward.read")
def conversions(
    who: Principal, directory: Directory, after: int = 0, *, names: bool = False
) -> AbstractAsyncContextManager[Table]:
    """Open the conversions that changed behind a position, likewise."""
    return _rows(who, directory, "conversions", _CONVERSIONS, after, ("person",) if names else ())


@requires("log.read")
def clicks(
    who: Principal, directory: Directory, after: int = 0, *, names: bool = False
) -> AbstractAsyncContextManager[Table]:
    """Open the clicks that the log has behind a position: those that were sent, and the redirect's own. None of them names anybody."""
    del names
    return _clicks(who, directory, after)


@requires("report.read")
def figures(
    who: Principal, directory: Directory, after: int = 0, *, names: bool = False
) -> AbstractAsyncContextManager[Table]:
    """Open the figures of all days, of each program and of all that are shown together: whole, if any are newer than a position."""
    del names
    return _figures(who, directory, after)


@asynccontextmanager
async def _rows(
    who: Principal, directory: Directory, name: str, columns: tuple[Column, ...], after: int, named: Sequence[str]
) -> AsyncIterator[Table]:
    if named:
        who.needs("person.names")
    more = tuple(Column(f"{column}_external_id", "text") for column in named)
    async with _snapshot(who, directory) as (conn, position):
        pieces = _named(who, directory, conn, name, columns, after, named)
        yield Table(name, after, position, (*columns, *more), pieces)


async def _named(
    who: Principal,
    directory: Directory,
    conn: asyncpg.Connection,
    name: str,
    columns: Sequence[Column],
    after: int,
    named: Sequence[str],
) -> AsyncIterator[list[tuple[Any, ...]]]:
    ws = who.workspace
    async for piece in exports.rows(conn, ws.id, name, after, who.programs):
        texts: dict[str, str] = {}
        if named:
            persons = {row[column] for row in piece for column in named if row[column]}
            texts = await people.texts(conn, ws.id, ws.keys, directory.vault, sorted(persons))
        yield [
            (*(row[column.name] for column in columns), *(texts.get(row[column]) for column in named)) for row in piece
        ]


@asynccontextmanager
async def _clicks(who: Principal, directory: Directory, after: int) -> AsyncIterator[Table]:
    async with _snapshot(who, directory) as (conn, position):
        yield Table("clicks", after, position, _CLICKS, _of_log(who, conn, after))


async def _of_log(who: Principal, conn: asyncpg.Connection, after: int) -> AsyncIterator[list[tuple[Any, ...]]]:
    ws = who.workspace.id
    async for piece in exports.entries(conn, ws, after):
        found: list[tuple[Any, ...]] = []
        for position, leaf in piece:
            event = log_entry.asked(leaf).event
            if isinstance(event, ClickRecorded):
                click = event.click or event.evt
                more = (event.channel, event.bot, event.evt, position)
                found.append((click, event.code, event.at, event.visitor, event.device, *more))
            elif isinstance(event, TouchesRecorded):
                found += [
                    (it["id"], it["code"], it["at"], it["visitor"], it["device"], None, it["bot"], event.evt, position)
                    for it in await exports.block(conn, ws, event.block)
                ]
        yield found


@asynccontextmanager
async def _figures(who: Principal, directory: Directory, after: int) -> AsyncIterator[Table]:
    now = await reports.overview(who, directory)
    position = now.as_of_position
    yield Table("figures", after, position, _FIGURES, _of_days(who, directory, now.end, after, position))


async def _of_days(
    who: Principal, directory: Directory, end: str, after: int, position: int
) -> AsyncIterator[list[tuple[Any, ...]]]:
    async with directory.reading() as conn:
        first = await pages.leaves(conn, who.workspace.id, 0, 1)
    if not first or (position <= after and after):
        return
    begin = calendar.utc_day(log_entry.read(first[0][1]).as_of)
    slugs = [None, *(it.slug for it in await all_programs.every(who, directory))] if who.may("program.read") else [None]
    while begin < end:
        until = min(end, calendar.utc_day(calendar.day_begins(begin, "UTC") + _WINDOW * calendar.DAY))
        for slug in slugs:
            it = await reports.overview(who, directory, begin, until, slug)
            yield [
                (day, slug, one.metric, one.unit, one.count, one.amount, position)
                for day, totals in it.days.items()
                for one in totals
            ]
        begin = until


@asynccontextmanager
async def _snapshot(who: Principal, directory: Directory) -> AsyncIterator[tuple[asyncpg.Connection, int]]:
    async with directory.snapshot() as conn:
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        yield conn, (await log.stream(conn, who.workspace.id)).position
