"""Who said whether they stand on a leaderboard, and how many of whose orders were approved. Must not know: places, names."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
import msgspec

from goodword.core import boards
from goodword.core.state import Consent
from goodword.store.sql_files import statements

_SQL = statements("board")


async def consents(conn: asyncpg.Connection, ws: str) -> dict[str, Consent]:
    """Return what each who said anything of it said last."""
    rows = await conn.fetch(_SQL["consents"], ws)
    return {row["person"]: msgspec.json.decode(row["said"], type=Consent) for row in rows}


async def counts(
    conn: asyncpg.Connection, ws: str, program: str, persons: Collection[str], begin: int, end: int
) -> dict[str, int]:
    """Return how many orders each of these ids was approved a reward for from one instant up to another, that still stands."""
    rows = await conn.fetch(_SQL["counts"], ws, program, [*persons], begin, end, [*boards.STANDS])
    return {row["beneficiary"]: row["orders"] for row in rows}
