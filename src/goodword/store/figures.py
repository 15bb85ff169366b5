"""The figures, by quarters of an hour and by days of UTC, added up behind the log by the follower of that name.

Must not know: what a metric means.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.core.rollup import Basis, Changes
from goodword.store.sql_files import statements

_SQL = statements("figure")


class Figure(Struct, frozen=True):
    """A day's figure: a count, and an amount in minor units or points where there is a unit."""

    day: str
    metric: str
    unit: str
    count: int
    amount: int


async def add(conn: asyncpg.Connection, ws: str, changes: Changes) -> None:
    """Add what entries bring, in order of key. In the transaction that moves the follower."""
    if changes:
        rows = ((*key, *change) for key, change in sorted(changes.items()))
        await conn.execute(_SQL["add"], ws, *zip(*rows, strict=True))


async def clear(conn: asyncpg.Connection, ws: str) -> None:
    """Forget all of a workspace."""
    await conn.execute(_SQL["clear"], ws)


async def days(
    conn: asyncpg.Connection,
    ws: str,
    slots: Mapping[str, tuple[str, str]],
    programs: Sequence[str] | None,
    by: Basis,
) -> list[Figure]:
    """Return the figures of days, in their order. ``slots``: of each day its first slot, and that before which it ends."""
    begins, ends = zip(*slots.values(), strict=True)
    rows = await conn.fetch(_SQL["days"], ws, list(slots), begins, ends, programs, by)
    return [Figure(row["day"], row["metric"], row["unit"], row["count"], int(row["amount"])) for row in rows]


async def accounts(conn: asyncpg.Connection, ws: str, programs: Sequence[str] | None) -> list[tuple[str, str, int]]:
    """Return (unit, class of account, what it holds now)."""
    rows = await conn.fetch(_SQL["accounts"], ws, programs)
    return [(row["unit"], row["metric"], int(row["amount"])) for row in rows]


async def accounts_by_program(conn: asyncpg.Connection, ws: str) -> list[tuple[str, str, str, int]]:
    """Return (program, class of account, unit, what it holds now)."""
    rows = await conn.fetch(_SQL["accounts_by_program"], ws)
    return [(row["program"], row["metric"], row["unit"], int(row["amount"])) for row in rows]


async def agreement(conn: asyncpg.Connection, ws: str, most: int) -> list[tuple[str, str, str, int]]:
    """Return (member, hash of the rules, agreed | differed | looked, how often)."""
    rows = await conn.fetch(_SQL["agreement"], ws, most)
    return [(*row["unit"].partition(" ")[::2], row["metric"], row["count"]) for row in rows]


async def every(conn: asyncpg.Connection, ws: str) -> list[tuple[Any, ...]]:
    """Return all rows as they stand there: the key, the count, the amount. For verification."""
    return [tuple(row) for row in await conn.fetch(_SQL["every"], ws)]


async def measured(conn: asyncpg.Connection, ws: str) -> list[tuple[Any, ...]]:
    """Return the rows of measurement events and times as they stand there, likewise. For a recount."""
    return [tuple(row) for row in await conn.fetch(_SQL["measured"], ws)]
