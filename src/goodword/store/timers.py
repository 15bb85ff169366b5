"""Timers that are due. As entities they are kept like all others. Must not know: what they are for."""

import asyncpg

from goodword.core.state import Timer
from goodword.store.sql_files import statements


async def due(conn: asyncpg.Connection, ws: str, until: int, limit: int) -> list[Timer]:
    """Give the timers due at or before ``until``, first those that fire first; those in quarantine are left out."""
    return [Timer(**dict(row)) for row in await conn.fetch(statements("timer")["due"], ws, until, limit)]
