"""Who published a version of rules: found in the log."""

from __future__ import annotations

import asyncpg

from goodword.core.entry import Entry
from goodword.core.events import ProgramPublished
from goodword.core.state import Program
from goodword.store import entities, log

#: Entries of one instant among which the publication of a version is looked for.
_OF_AN_INSTANT = 50


async def authors(conn: asyncpg.Connection, ws: str, program: str) -> tuple[str, tuple[str, ...]]:
    """Return the newest version of a program's rules, and who published any of them, by id, as the log says."""
    [its] = await entities.load(conn, ws, Program, [program])
    entries = [await entry(conn, ws, at, hash_) for at, hash_ in its.versions]
    return its.versions[-1][1], tuple(
        sorted({it.facts.actor.id for it in entries if it is not None and it.facts.actor})
    )


async def entry(conn: asyncpg.Connection, ws: str, at: int, hash_: str) -> Entry | None:
    """Return the entry that published a version, by the instant: those of the log never fall, so it is found by halving."""
    low, high = 1, (await log.stream(conn, ws)).position
    while low < high:
        middle = (low + high) // 2
        found = await log.at(conn, ws, middle)
        if found is not None and found.as_of < at:
            low = middle + 1
        else:
            high = middle
    for found in await log.read(conn, ws, low, low + _OF_AN_INSTANT):
        if isinstance(found.event, ProgramPublished) and found.event.rules == hash_:
            return found
    return None
