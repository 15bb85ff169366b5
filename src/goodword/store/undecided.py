"""Events that wait to be decided, and the quarantine. How they came in stands in ``inbox``.

Must not know: what an event means.
"""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.arrays import array
from goodword.store.sql_files import statements

_SQL = statements("undecided")


class Waiting(NamedTuple):
    """An event that is not decided. ``waits_for``: the evt that must be decided first, its own if its decision failed."""

    source: str
    id: str
    evt: str
    body: bytes
    waits_for: str | None = None
    trace: str | None = None


async def fetch(conn: asyncpg.Connection, ws: str, limit: int) -> tuple[list[Waiting], list[Waiting]]:
    """Return the next events to be decided, in order of evt, and what is in quarantine, in order of what it waits for.

    Only under the workspace's lock is nothing missed.
    """
    rows = [Waiting(*row) for row in await conn.fetch(_SQL["fetch"], ws, limit)]
    return [row for row in rows if row.waits_for is None], [row for row in rows if row.waits_for is not None]


async def newest(conn: asyncpg.Connection, ws: str) -> str | None:
    """Return the newest event that is to be decided and not set aside; None: nothing waits."""
    evt: str | None = await conn.fetchval(_SQL["newest"], ws)
    return evt


async def until(conn: asyncpg.Connection, ws: str, evt: str) -> bool:
    """Return whether an event up to ``evt`` is still to be decided and not set aside."""
    waits: bool = await conn.fetchval(_SQL["until"], ws, evt)
    return waits


async def waiting(conn: asyncpg.Connection, ws: str) -> list[Waiting]:
    """Return what is in quarantine, in order of evt."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["aside"], ws)]


async def newest_of_all(conn: asyncpg.Connection, ws: str, limit: int) -> list[Waiting]:
    """Return what is not decided, set aside or not, the newest first."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["newest_of_all"], ws, limit)]


async def newest_aside(conn: asyncpg.Connection, ws: str, before: tuple[str, str], limit: int) -> list[Waiting]:
    """Return what is in quarantine behind (what it waits for, evt), both falling."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["newest_aside"], ws, *before, limit)]


async def one(conn: asyncpg.Connection, ws: str, evt: str) -> Waiting | None:
    """Return an event that is not decided yet."""
    row = await conn.fetchrow(_SQL["one"], ws, evt)
    return Waiting(*row) if row else None


async def decided(conn: asyncpg.Connection, ws: str, evts: Sequence[str]) -> None:
    """Let go of events that are decided."""
    if evts:
        await conn.execute(_SQL["decided"], ws, array(evts))


async def set_aside(conn: asyncpg.Connection, ws: str, events: Sequence[Waiting]) -> None:
    """Put events into quarantine, as their ``waits_for`` and ``trace`` say."""
    if events:
        columns = list(zip(*((e.evt, e.waits_for, e.trace) for e in events), strict=True))
        await conn.execute(_SQL["set_aside"], ws, *columns)


async def release(conn: asyncpg.Connection, ws: str, evt: str) -> int:
    """Let an event and those behind it be decided again; returns how many were set free."""
    tag: str = await conn.execute(_SQL["release"], ws, evt)
    return int(tag.rsplit(maxsplit=1)[-1])


async def add(conn: asyncpg.Connection, ws: str, event: Waiting, type_: str) -> None:
    """Set aside an event that did not come through the inbox. Raises UniqueViolationError for an id that is there."""
    await conn.execute(
        _SQL["add"], ws, event.source, event.id, event.evt, type_, event.body, event.waits_for, event.trace
    )
