"""What sources delivered: when last, and counts by day. Figures for people; no decision looks at them.

Must not know: what is counted, when a source is silent.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("source")
#: Names that are kept of a source, a kind and a day; of one that is written at once it may be as many more.
NAMES = 200


class Count(NamedTuple):
    """So many on a day. ``day``: days since 1970-01-01; ``name``: empty for any other than those that are named."""

    day: int
    source: str
    kind: str
    name: str
    times: int


async def last(conn: asyncpg.Connection, ws: str) -> dict[str, int]:
    """Return when each source delivered last."""
    return {row["source"]: row["last_at"] for row in await conn.fetch(_SQL["last"], ws)}


async def add(conn: asyncpg.Connection, ws: str, seen: Mapping[str, int], counts: Sequence[Count]) -> None:
    """Add to the counts, and say when sources delivered last; in order of key, so that no two processes wait for one another."""
    if seen:
        await conn.execute(_SQL["seen"], ws, *map(list, zip(*sorted(seen.items()), strict=True)))
    if counts:
        await conn.execute(_SQL["add"], ws, *map(list, zip(*sorted(counts), strict=True)), NAMES)


async def since(conn: asyncpg.Connection, ws: str, day: int) -> list[Count]:
    """Return the counts from a day on."""
    return [Count(*row) for row in await conn.fetch(_SQL["since"], ws, day)]


async def gaps(conn: asyncpg.Connection, ws: str, days: int) -> dict[str, dict[str, int]]:
    """Return by source how many pauses of each bucket there were, in so many days up to its last delivery."""
    found: dict[str, dict[str, int]] = {}
    for row in await conn.fetch(_SQL["gaps"], ws, days):
        found.setdefault(row["source"], {})[row["name"]] = row["count"]
    return found


async def expire(conn: asyncpg.Connection, before: int) -> None:
    """Forget the counts of before a day, in all workspaces."""
    for row in await conn.fetch(_SQL["with_old"], before):
        await conn.execute(_SQL["expire"], row["workspace_id"], before)
