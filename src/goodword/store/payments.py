"""Which payments paid which invoices, where a source tells that by itself, and what waits until it does.

Must not know: what an event means, which source it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("payment")


class Held(NamedTuple):
    """What waits for the invoice of a payment. ``body``: its native event."""

    payment: str
    id: str
    body: bytes


class Waiting(NamedTuple):
    """How many wait in a workspace of a source, and since when the first does: an instant of the real clock."""

    workspace: str
    source: str
    events: int
    since: int


async def name(
    conn: asyncpg.Connection, ws: str, source: str, payments: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Say of payments which invoice they paid, None: it is not known; return what is known now.

    Until the commit nobody else says anything of them.
    """
    asked = sorted(payments.items())  # two never wait crosswise
    ids, invoices = [id_ for id_, _ in asked], [invoice for _, invoice in asked]
    return {row["id"]: row["invoice"] for row in await conn.fetch(_SQL["name"], ws, source, ids, invoices)}


async def hold(conn: asyncpg.Connection, ws: str, source: str, rows: Sequence[Held], now: int) -> None:
    """Keep what has to wait; what waits already under its id stays."""
    payments, ids, bodies = map(list, zip(*rows, strict=True))
    await conn.execute(_SQL["hold"], ws, source, payments, ids, [now] * len(rows), bodies)


async def held(conn: asyncpg.Connection, ws: str, source: str, payments: Sequence[str]) -> list[Held]:
    """Return what waits for the invoices of these payments."""
    return [Held(*row) for row in await conn.fetch(_SQL["held"], ws, source, payments)]


async def release(conn: asyncpg.Connection, ws: str, source: str, rows: Sequence[Held]) -> None:
    """Forget what waits no longer."""
    await conn.execute(_SQL["release"], ws, source, [row.payment for row in rows], [row.id for row in rows])


async def waiting(conn: asyncpg.Connection, ws: str) -> list[Waiting]:
    """Return how many wait in a workspace, by source."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["waiting"], ws)]


async def all_waiting(conn: asyncpg.Connection) -> list[Waiting]:
    """Return how many wait, by workspace and source."""
    return [Waiting(*row) for row in await conn.fetch(_SQL["all_waiting"])]
