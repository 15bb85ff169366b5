"""What rewards lack of the seven points of an audit, by SQL alone: the share of those that lack nothing, and who they are.

Must not know: what a point shows (``core.audit``, which answers the same from the state).
"""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

import asyncpg

from goodword.core.ledger import Posting
from goodword.store.log import Head
from goodword.store.sql_files import statements

_PIECE = 1_000
_PATIENCE = 600.0  # seconds: they read all rewards of their time
_TEXTS = statements("eligibility")
_JUDGED = _TEXTS["judged"].rstrip().rstrip(";")
_SQL = {name: text.format(judged=_JUDGED) for name, text in _TEXTS.items() if name != "judged"}


class Share(NamedTuple):
    """Of ``rewards`` of a program that were earned in a month, and are in a state, ``whole`` lack nothing."""

    program: str
    month: str
    status: str
    rewards: int
    whole: int


class Failing(NamedTuple):
    """A reward that lacks points."""

    id: str
    program: str
    status: str
    earned_at: int
    lacks: list[str]


async def accuracy(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, programs: Sequence[str], zone: str = "UTC"
) -> list[Share]:
    """Return, by program, month and state, rewards earned from ``begin`` up to ``end``, and how many of them lack nothing."""
    rows = await conn.fetch(_SQL["accuracy"], ws, begin, end, programs, zone, timeout=_PATIENCE)
    return [Share(*row) for row in rows]


async def failing(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, programs: Sequence[str]
) -> AsyncIterator[list[Failing]]:
    """Yield in pieces all rewards that lack something, of what nobody approved yet perhaps more than they do. In a transaction."""
    cursor = await conn.cursor(_SQL["failing"], ws, begin, end, programs)
    while rows := await cursor.fetch(_PIECE, timeout=_PATIENCE):
        yield [Failing(*row) for row in rows]


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
    """Return ids of rewards in order; ``point``: those that lack it, or any, of what nobody approved yet perhaps more."""
    rows = await conn.fetch(_SQL["listed"], ws, begin, end, programs, after, status, point, limit)
    return [row["id"] for row in rows]


async def paid_and_lacking(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, programs: Sequence[str], limit: int
) -> list[tuple[str, list[str]]]:
    """Return what is paid and lacks something, and what: the audit query of I-30."""
    rows = await conn.fetch(_SQL["paid_and_lacking"], ws, begin, end, programs, limit)
    return [(row["id"], row["lacks"]) for row in rows]


async def lacking(
    conn: asyncpg.Connection, ws: str, programs: Sequence[str], ids: Sequence[str]
) -> dict[str, list[str]]:
    """Return what those of these rewards lack that are paid."""
    rows = await conn.fetch(_SQL["lacking"], ws, -(2**63), 2**63 - 1, programs, ids)
    return {row["id"]: row["lacks"] for row in rows}


async def booked(conn: asyncpg.Connection, ws: str, rewards: Sequence[str]) -> dict[str, list[tuple[int, Posting]]]:
    """Return the postings of these rewards as they are stored, each with its position."""
    found: dict[str, list[tuple[int, Posting]]] = {}
    for position, *posting in await conn.fetch(_SQL["booked"], ws, rewards):
        found.setdefault(posting[-1], []).append((position, Posting(*posting)))
    return found


async def approved_in(conn: asyncpg.Connection, ws: str, subjects: Iterable[str]) -> dict[str, list[int]]:
    """Return the positions at which each of these rewards and payouts was approved or released."""
    found: dict[str, list[int]] = {}
    for id_, position in await conn.fetch(_SQL["approved_in"], ws, sorted(subjects)):
        found.setdefault(id_, []).append(position)
    return found


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


async def failing_candidates(
    conn: asyncpg.Connection, ws: str, begin: int, end: int, program: str, *, after: str, limit: int
) -> list[str]:
    """Return ids of those of them that lack a point, or may, in order."""
    return [row["id"] for row in await conn.fetch(_SQL["failing_candidates"], ws, begin, end, [program], after, limit)]
