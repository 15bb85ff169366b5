"""What rewards lack of the seven points of an audit, by SQL alone: the share of those that lack nothing, and who they are.

Must not know: what a point shows (``core.audit``, which answers the same from the state).
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.log import Head
from goodword.store.sql_files import statements

_TEXTS = statements("eligibility")
_JUDGED = _TEXTS["judged"].rstrip().rstrip(";")
_SQL = {name: text.format(judged=_JUDGED) for name, text in _TEXTS.items() if name != "judged"}


class Share(NamedTuple):
    """Of ``rewards`` of a program in a state ``whole`` lack nothing."""

    program: str
    status: str
    rewards: int
    whole: int


async def accuracy(conn: asyncpg.Connection, ws: str, begin: int, end: int, programs: Sequence[str]) -> list[Share]:
    """Return, by program and state, rewards earned from ``begin`` up to ``end``, and how many of them lack nothing."""
    return [Share(*row) for row in await conn.fetch(_SQL["accuracy"], ws, begin, end, programs)]


async def listed(  # noqa: PLR0913 - filters of one list
    conn: asyncpg.Connection,
    ws: str,
    begin: int,
    end: int,
    programs: Sequence[str],
    *,
    status: str | None,
    point: str | None,
    after: str,
    limit: int,
) -> list[str]:
    """Return ids of rewards in order; ``point``: those that lack it, of what nobody approved yet perhaps more."""
    rows = await conn.fetch(_SQL["listed"], ws, begin, end, programs, after, status, point, limit)
    return [row["id"] for row in rows]


async def paid_and_lacking(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, programs: Sequence[str], limit: int
) -> list[tuple[str, list[str]]]:
    """Return what is paid and lacks something, and what: the audit query of I-30."""
    rows = await conn.fetch(_SQL["paid_and_lacking"], ws, begin, end, programs, limit)
    return [(row["id"], row["lacks"]) for row in rows]


async def completed_at(conn: asyncpg.Connection, ws: str, begin: int, end: int) -> list[int]:
    """Return the positions from ``begin`` up to ``end`` at which money of payouts arrived."""
    return [row["position"] for row in await conn.fetch(_SQL["completed_at"], ws, begin, end)]


async def had(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, persons: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Return what these beneficiaries got between two positions, by person and unit."""
    rows = await conn.fetch(_SQL["had"], ws, begin, end, persons)
    return {(row["beneficiary"], row["unit"]): row["amount"] for row in rows}


async def places(conn: asyncpg.Connection, ws: str, before: int, persons: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return by beneficiary in which countries the orders of before were by which they earned, with how many."""
    found: dict[str, dict[str, int]] = {}
    for row in await conn.fetch(_SQL["places"], ws, before, persons):
        found.setdefault(row["beneficiary"], {})[row["country"]] = row["count"]
    return found


async def head_over(conn: asyncpg.Connection, ws: str, entries: int) -> Head | None:
    """Return the smallest signed head that has so many entries of the log."""
    row = await conn.fetchrow(_SQL["head_over"], ws, entries)
    return Head(*row) if row else None


class Candidates(NamedTuple):
    """The rewards of a pilot: ``whole`` of ``rewards`` lack nothing, ``waiting`` only wait; how many of the others lack each point.

    ``doubtful``: ids of what a claim or case may stop, which are counted as if they waited; ``sha256``: of what each lacks.
    """

    rewards: int
    whole: int
    waiting: int
    doubtful: list[str]
    sha256: str
    points: dict[str, int]


async def candidates(conn: asyncpg.Connection, ws: str, begin: int, end: int, program: str) -> Candidates:
    """Return what rewards of a program lack that were earned from ``begin`` up to ``end``."""
    row = await conn.fetchrow(_SQL["candidates"], ws, begin, end, [program])
    return Candidates(**{**row, "points": json.loads(row["points"])})


async def failing(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, program: str, *, after: str, limit: int
) -> list[str]:
    """Return ids of those of them that lack a point, or may, in order."""
    return [row["id"] for row in await conn.fetch(_SQL["failing"], ws, begin, end, [program], after, limit)]
