"""What came before payments, as the log has it for good. Must not know: what is measured by it."""

from collections.abc import Sequence

import asyncpg

from goodword.core.ledger import OPENING
from goodword.store.books import instant
from goodword.store.sql_files import statements

_SQL = statements("measure")


async def since(
    conn: asyncpg.Connection, ws: str, payments: Sequence[tuple[str, int]]
) -> list[tuple[int | None, int | None]]:
    """Return when each of these rewards was last approved before, or at, the position, and when it was earned; None: never.

    ``payments``: id of the reward, position of the payment. Raises LookupError for a reward that there is not.
    """
    if not payments:
        return []
    rows = await conn.fetch(_SQL["since"], ws, *map(list, zip(*payments, strict=True)))
    if len(rows) != len(payments):
        raise LookupError(f"a reward that was paid is missing in {ws}: see goodword verify")
    return [
        (instant(row["head"]) if row["head"] is not None else None, row["earned_at"] if row["on"] != OPENING else None)
        for row in rows
    ]
