"""Sums over stored rows. Each report is worked out when it is asked for. Must not know: how a report is shown."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg
from msgspec import Struct

from goodword.store.sql_files import statements

_SQL = statements("report")

#: Beyond so many a queue is long, whatever its length: counting all of one would take longer with every day.
QUEUE_MOST = 1_000


class Progress(NamedTuple):
    """Where deciding stands."""

    position: int
    as_of: int
    waiting: int
    set_aside: int


class RewardSums(Struct, frozen=True):
    """Rewards of one side, in minor units or points."""

    count: int = 0
    gross: int = 0
    net: int = 0
    reversed_fully: int = 0
    reversed_partly: int = 0


async def progress(conn: asyncpg.Connection, ws: str) -> Progress:
    """Return where deciding stands."""
    return Progress(*await conn.fetchrow(_SQL["progress"], ws))


async def queue(conn: asyncpg.Connection, ws: str, now: int, programs: Sequence[str] | None = None) -> dict[str, int]:
    """Return what waits: rewards in review, payouts to release, open cases, people, messages; each counted up to ``QUEUE_MOST``.

    What is put aside at the instant ``now`` is left out. ``programs``: of these alone; None: of all.
    """
    if programs is not None:
        return dict(await conn.fetchrow(_SQL["queue_of"], ws, QUEUE_MOST, now, programs))
    return dict(await conn.fetchrow(_SQL["queue"], ws, QUEUE_MOST, now))


async def given_up(conn: asyncpg.Connection, ws: str) -> dict[str, int]:
    """Return how many jobs were given up, by kind; counted up to ``QUEUE_MOST``."""
    return {row["kind"]: row["count"] for row in await conn.fetch(_SQL["given_up"], ws, QUEUE_MOST)}


async def events_by_type(conn: asyncpg.Connection, ws: str) -> dict[str, int]:
    """Distinct events from outside, by type."""
    return {row["type"]: row["count"] for row in await conn.fetch(_SQL["events_by_type"], ws)}


async def counts(conn: asyncpg.Connection, ws: str) -> dict[str, int]:
    """Return advocates, attributed leads, qualifying conversions, refusals by a count cap."""
    row: dict[str, Any] = dict(await conn.fetchrow(_SQL["counts"], ws))
    return {**row, "monthly_cap_refusals": await conn.fetchval(_SQL["cap_refusals"], ws)}


async def rewards(conn: asyncpg.Connection, ws: str, unit: str) -> dict[str, RewardSums]:
    """Return sums by side."""
    return {row["side"]: RewardSums(*map(int, tuple(row)[1:])) for row in await conn.fetch(_SQL["rewards"], ws, unit)}


async def revenue(conn: asyncpg.Connection, ws: str, currency: str) -> tuple[int, int]:
    """Return (paid, given back) over all customers."""
    row = await conn.fetchrow(_SQL["revenue"], ws, currency)
    return int(row["gross"]), int(row["refunded"])


async def net_by_advocate(conn: asyncpg.Connection, ws: str, unit: str) -> dict[str, int]:
    """Net of advocates, by person."""
    return {row["beneficiary"]: int(row["net"]) for row in await conn.fetch(_SQL["net_by_advocate"], ws, unit)}
