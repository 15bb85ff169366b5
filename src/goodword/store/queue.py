"""The queue of rewards in review: read by classes, from each as many as a page has, however long the queue and the history are.

Must not know: what a class is worth, in which order they are put together (``core.priority``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.core.priority import Class
from goodword.store.sql_files import statements

_SQL = statements("queue")


class Lane(NamedTuple):
    """Rewards in review of one rule version, unit and class."""

    rules: str
    unit: str
    its: Class


class Place(NamedTuple):
    """A place in a lane: what lies behind it began to be in review later, or then and has a greater id."""

    since: int
    id: str


class Found(NamedTuple):
    """A reward in its lane, and since when it is in review."""

    lane: Lane
    since: int
    id: str


async def in_order(conn: asyncpg.Connection) -> None:
    """Let this transaction read in the order of an index: where PostgreSQL expects little it would read all and sort it."""
    await conn.execute("set local enable_sort = off; set local enable_bitmapscan = off")


async def lanes(conn: asyncpg.Connection, ws: str) -> list[Lane]:
    """Return the lanes in which something lies."""
    await in_order(conn)
    rows = await conn.fetch(_SQL["classes"], ws)
    return [Lane(row["rules"], row["unit"], Class(row["risk"], row["bucket"], row["promise"])) for row in rows]


async def page(
    conn: asyncpg.Connection, ws: str, at: Sequence[tuple[Lane, Place]], limit: int, now: int, *, ahead: bool = False
) -> list[Found]:
    """Return of each of these lanes the rewards behind a place, at most so many; ``ahead``: those before it, the nearest first.

    Those that are put aside at the instant ``now`` are left out.
    """
    columns = [
        [lane.rules for lane, _ in at],
        [lane.unit for lane, _ in at],
        [lane.its.risk for lane, _ in at],
        [lane.its.bucket for lane, _ in at],
        [lane.its.promise for lane, _ in at],
        [place.since for _, place in at],
        [place.id for _, place in at],
    ]
    rows = await conn.fetch(_SQL["ahead" if ahead else "behind"], ws, *columns, limit, now)
    return [Found(at[row["place"] - 1][0], row["since"], row["id"]) for row in rows]


async def by_amount(
    conn: asyncpg.Connection,
    ws: str,
    of: Sequence[tuple[str, str]],
    after: tuple[int, str],
    limit: int,
    now: int,
    *,
    ahead: bool = False,
) -> list[tuple[int, str]]:
    """Return (amount, id) of rewards of these rules and units behind one, the largest first; ``ahead`` likewise."""
    columns = [[rules for rules, _ in of], [unit for _, unit in of], [-after[0]] * len(of), [after[1]] * len(of)]
    rows = await conn.fetch(_SQL["larger" if ahead else "smaller"], ws, *columns, limit, now)
    return [(row["amount"], row["id"]) for row in rows]


class Aside(NamedTuple):
    """A reward that is put aside."""

    id: str
    unit: str
    amount: int


async def aside(conn: asyncpg.Connection, ws: str, now: int, programs: Sequence[str] | None, most: int) -> list[Aside]:
    """Return the rewards that are put aside at an instant, the next to be back first, at most so many."""
    return [Aside(*row) for row in await conn.fetch(_SQL["aside"], ws, now, programs, most)]


async def counts(
    conn: asyncpg.Connection, ws: str, states: Sequence[str], most: int, programs: Sequence[str] | None
) -> dict[str, int]:
    """Return how many rewards are in each of these states, each counted up to ``most``."""
    await in_order(conn)
    of = [] if programs is None else [programs]
    rows = await conn.fetch(_SQL["counts" if programs is None else "counts_of"], ws, states, most, *of)
    return {row["name"]: row["count"] for row in rows}


async def amounts(
    conn: asyncpg.Connection, ws: str, status: str, most: int, programs: Sequence[str] | None
) -> dict[str, int]:
    """Return what rewards in a state come to, by unit, each state counted up to ``most`` rewards."""
    await in_order(conn)
    of = [] if programs is None else [programs]
    rows = await conn.fetch(_SQL["amounts" if programs is None else "amounts_of"], ws, status, most, *of)
    return {row["unit"]: row["amount"] for row in rows}


async def last_paid(conn: asyncpg.Connection, ws: str, persons: Sequence[str]) -> dict[str, str]:
    """Return the digest of the account to which each of these people was paid last; who was never paid is not in it."""
    rows = await conn.fetch(_SQL["last_paid"], ws, persons)
    return {row["person"]: row["destination"] for row in rows}


async def of_list(conn: asyncpg.Connection, ws: str, sha256: str, most: int) -> list[str]:
    """Return the rewards in review that were approved first by one member as one list."""
    return [row["id"] for row in await conn.fetch(_SQL["of_list"], ws, sha256, most)]
