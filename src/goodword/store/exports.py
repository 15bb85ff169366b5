"""What an export reads: rows that changed behind a position of the log, by a cursor, so that no table is held in memory.

Must not know: files, who may see what.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("export")
_PIECE = 1_000


async def rows(
    conn: asyncpg.Connection, ws: str, noun: str, after: int, programs: Sequence[str] | None
) -> AsyncIterator[list[asyncpg.Record]]:
    """Yield rows of ``rewards``, ``referrals`` or ``conversions``, piece by piece, in a transaction of the caller's."""
    async for piece in _pieces(conn, _SQL[noun], ws, after, list(programs) if programs is not None else None):
        yield piece


async def entries(conn: asyncpg.Connection, ws: str, after: int) -> AsyncIterator[list[asyncpg.Record]]:
    """Yield (position, leaf) of the log behind a position likewise."""
    async for piece in _pieces(conn, _SQL["clicks"], ws, after):
        yield piece


async def block(conn: asyncpg.Connection, ws: str, block_: str) -> list[asyncpg.Record]:
    """Return the clicks of the redirect that one flush of the edge stored."""
    return list(await conn.fetch(_SQL["block"], ws, block_))


async def _pieces(conn: asyncpg.Connection, statement: str, *args: Any) -> AsyncIterator[list[asyncpg.Record]]:
    cursor = await conn.cursor(statement, *args)
    while piece := await cursor.fetch(_PIECE):
        yield piece
