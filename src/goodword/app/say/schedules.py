"""Schedules: set, changed, stopped."""

from __future__ import annotations

from functools import partial
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters, schedules
from goodword.core.entry import Entry
from goodword.core.events import PayoutScheduled, Plan
from goodword.core.schedules import MOST, wrong
from goodword.core.state import Schedule
from goodword.outbound.rails import REGISTRY, for_mode
from goodword.store import books, entities, pages

_WRONG: Final = {
    "every": "day, week or month",
    "on": "the days: of a week from 1, Monday, to 7, of a month from 1 to 31, each once; none for every day",
    "hour": "an hour from 0 to 23",
    "timezone": "an IANA time zone, such as Europe/Berlin",
}


class Days(Struct, frozen=True, kw_only=True):
    """When drafts are to be made, and of what. ``on``: weekdays from 1, Monday, on, or days of a month, of which 31 is always the last.

    ``program``: by id or slug, None: of all; ``timezone``: None, that of the program, or of all programs where they have one.
    """

    rail: str
    unit: str
    every: str
    on: tuple[int, ...] = ()
    hour: int
    program: str | None = None
    timezone: str | None = None


@requires("payout.schedule")
async def keep(who: Principal, directory: Directory, days: Days, schedule: str | None, key: str | None = None) -> Entry:
    """Have drafts made on these days from now on: by a new schedule, or by one that is changed, stopped or not.

    Raises KeyError and RailModeError as a draft does, InvalidError for what no day can be, UnknownError, and ConflictError for one more
    than are kept.
    """
    for_mode(REGISTRY, days.rail, who.workspace.mode)
    if schedule is not None:
        await schedules.get(who, directory, schedule)
    async with directory.reading() as conn:
        await filters.connected(conn, who, days.rail)
        unit = await filters.unit(conn, who, days.unit)
        program = None if days.program is None else await filters.named(conn, who.workspace.id, days.program)
        timezone = days.timezone or await _zone(conn, who, program)
    on = tuple(sorted(days.on))
    plan = Plan(rail=days.rail, unit=unit, every=days.every, on=on, hour=days.hour, timezone=timezone)
    if (field := wrong(plan)) is not None:
        raise InvalidError(f"{field}: expected {_WRONG[field]}.", field)

    async def bounded(conn: asyncpg.Connection, _: Entry) -> None:
        """Of a repeat it is not asked: that is one also where there is no room for another by then."""
        if schedule is None and len(await entities.every(conn, who.workspace.id, Schedule)) > MOST:
            raise ConflictError(
                "too_many", f"There are {MOST} schedules, stopped ones too. Change one of them instead."
            )

    make = partial(PayoutScheduled, program=program, schedule=schedule, plan=plan)
    return await say(who, directory, lambda s: make(**s), key, also=bounded)


@requires("payout.schedule")
async def stop(who: Principal, directory: Directory, schedule: str, key: str | None = None) -> Entry:
    """Let a schedule make no drafts any more; those that it made stay. Raises UnknownError."""
    it = await schedules.get(who, directory, schedule)
    return await say(who, directory, lambda s: PayoutScheduled(**s, program=it.program, schedule=schedule), key)


async def _zone(conn: asyncpg.Connection, who: Principal, program: str | None) -> str:
    """Return the zone of a program, or of all of them. Raises InvalidError where they have several: it has to be said."""
    zones = await books.zones(conn, who.workspace.id)
    of = {zones[it.versions[-1][1]] for it in await pages.programs(conn, who.workspace.id) if program in (None, it.id)}
    if len(of) > 1:
        raise InvalidError(f"Say in which time zone: the programs have several, {', '.join(sorted(of))}.", "timezone")
    return next(iter(of), "UTC")
