"""What was sent with a key and refused, of late: bounded in number and in time. Must not know: what the codes mean."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("rejection")
#: Of a workspace the newest so many are kept.
KEPT = 5_000


class Row(NamedTuple):
    """Deliveries that were refused for the same reason within a second. ``at``: real time, of the last; ``key``: the id of the key."""

    id: str
    at: int
    source: str
    key: str
    code: str
    field: str
    sent_as: str
    times: int


async def add(conn: asyncpg.Connection, ws: str, rows: Sequence[Row]) -> None:
    """Add some, and forget those that are too many by now."""
    if rows:
        await conn.execute(_SQL["add"], ws, *map(list, zip(*rows, strict=True)))
        await conn.execute(_SQL["bound"], ws, KEPT)


async def page(conn: asyncpg.Connection, ws: str, before: str, code: str, limit: int) -> list[Row]:
    """Return those older than one, the newest first, all or of one code."""
    return [Row(*row) for row in await conn.fetch(_SQL["page"], ws, before, code, limit)]


async def expire(conn: asyncpg.Connection, before: int) -> None:
    """Forget those of before an instant, in all workspaces."""
    for row in await conn.fetch(_SQL["with_old"], before):
        await conn.execute(_SQL["expire"], row["workspace_id"], before)
