"""Which tips and stories are shown. Must not know: whose they are, what their persons permit."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("story")


async def shown(conn: asyncpg.Connection, ws: str, programs: Sequence[str] | None, limit: int) -> list[str]:
    """Return the ids of the cases of the newest that the team shows. ``programs``: None for all."""
    return [row["id"] for row in await conn.fetch(_SQL["shown"], ws, programs, limit)]
