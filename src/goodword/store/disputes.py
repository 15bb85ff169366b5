"""Which disputes and claims are a person's, and which of all persons' wait. Must not know: what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("dispute")


async def of_persons(conn: asyncpg.Connection, ws: str, persons: Sequence[str], before: str, limit: int) -> list[str]:
    """Return the ids of disputes and claims of somebody, who has these ids, before one of them, the newest first."""
    return [row["id"] for row in await conn.fetch(_SQL["of_persons"], ws, limit, before[4:], [*persons])]


async def waiting(conn: asyncpg.Connection, ws: str, programs: Sequence[str] | None, limit: int) -> list[str]:
    """Return the ids of those that are not decided, the oldest first. ``programs``: None for all."""
    return [row["id"] for row in await conn.fetch(_SQL["waiting"], ws, limit, programs)]
