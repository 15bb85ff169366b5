"""Figures of routes: what waits by each, what is late, and how long what was decided took. Must not know: what a route says."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from goodword.store.sql_files import statements

_SQL = statements("routes")
#: So many rewards are looked at.
MOST = 100_000


class Open(Struct, frozen=True):
    """What is in review by a route, and what of that is late."""

    count: int
    late: int


class Decided(Struct, frozen=True):
    """What was approved by a route, what of that was late, and the days that it took: the median, and of all but five in 100."""

    count: int
    late: int
    median: float
    p95: float


async def waiting(conn: asyncpg.Connection, ws: str, now: int, programs: Sequence[str] | None) -> dict[str, Open]:
    """Return what is in review by each route, by its name."""
    rows = await conn.fetch(_SQL["open"], ws, now, programs, MOST)
    return {row["name"]: Open(row["count"], row["late"]) for row in rows}


async def decided(conn: asyncpg.Connection, ws: str, since: int, programs: Sequence[str] | None) -> dict[str, Decided]:
    """Return what was approved by each route since an instant, by its name."""
    rows = await conn.fetch(_SQL["decided"], ws, since, programs, MOST)
    return {row["name"]: Decided(row["count"], row["late"], *map(float, row["days"])) for row in rows}


async def overdue(conn: asyncpg.Connection, ws: str, now: int, programs: Sequence[str] | None, most: int) -> int:
    """Return how many rewards are behind their promised time, counted up to a limit."""
    found: int = await conn.fetchval(_SQL["overdue"], ws, now, programs, most)
    return found


async def overdue_of_all(conn: asyncpg.Connection, most: int) -> dict[str, int]:
    """Return how many are, by workspace; one in which nothing is stands not here."""
    return {row["workspace_id"]: row["count"] for row in await conn.fetch(_SQL["overdue_of_all"], most)}
