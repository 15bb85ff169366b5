"""Timers that are due, and those that fired. As entities they are kept like all others. Must not know: what they are for."""

from collections.abc import Sequence

import asyncpg

from goodword.core.state import Timer
from goodword.store.sql_files import statements


async def due(conn: asyncpg.Connection, ws: str, until: int, limit: int) -> list[Timer]:
    """Return the timers due at or before ``until``, first those that fire first; those in quarantine are left out."""
    return [Timer(**dict(row)) for row in await conn.fetch(statements("timer")["due"], ws, until, limit)]


async def end(conn: asyncpg.Connection, ws: str, fired: Sequence[str]) -> None:
    """Take away timers that fired; one that its own batch had set was never written."""
    if fired:
        await conn.execute(statements("timer")["end"], ws, fired)
