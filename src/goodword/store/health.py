"""What an operator watches: who works, what waits and how long, how old keys are. Nothing here reads the history.

Must not know: which of it is too much.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import asyncpg

from goodword.core import ids
from goodword.store.sql_files import statements

#: Rows beyond which none is counted: a figure of this size says "very many", and its cost stays bounded.
MOST = 100_000
_KEYS = 200  # API keys whose age is told: the oldest

_SQL = statements("health")


class JobsOf(NamedTuple):
    """Jobs of one kind: ``due`` are not done, ``late`` long due among them, ``dead`` given up."""

    kind: str
    due: int
    late: int
    dead: int


class KeyAge(NamedTuple):
    """An API key that is in use. ``created_at``: microseconds since 1970."""

    id: str
    kind: str
    created_at: int


class Unsigned(NamedTuple):
    """Logs with entries that no signed head covers yet. ``since``: microseconds since 1970 of the oldest; None: there is none."""

    logs: int
    entries: int
    since: int | None


class Server(NamedTuple):
    """``version``: 150004 is 15.4; ``now``: seconds since 1970; ``partition``: the last of touches, such as touch_2028_11."""

    version: int
    now: float
    partition: str | None


async def beat(conn: asyncpg.Connection, worker: str) -> None:
    """Write down that this worker lives."""
    await conn.execute(_SQL["beat"], worker)


async def ended(conn: asyncpg.Connection, worker: str) -> None:
    """Take back what ``beat`` wrote: it ends in order, and nobody need wait to know."""
    await conn.execute(_SQL["ended"], worker)


async def has_master(conn: asyncpg.Connection, master: bytes) -> None:
    """Write down since when a master key is in use, by its id; what is known stays."""
    await conn.execute(_SQL["has_master"], master.hex())


async def seen(conn: asyncpg.Connection) -> float | None:
    """Return the seconds since any worker lived; None: there is none."""
    return cast("float | None", await conn.fetchval(_SQL["seen"]))


async def workers(conn: asyncpg.Connection, within: float) -> int:
    """Return how many workers lived within so many seconds."""
    return int(await conn.fetchval(_SQL["workers"], within))


async def oldest(conn: asyncpg.Connection) -> int | None:
    """Return when the event was accepted that waits longest to be decided, in microseconds since 1970; None: none waits."""
    return _moment(await conn.fetchval(_SQL["oldest"]))


async def waiting(conn: asyncpg.Connection) -> tuple[int, int]:
    """Return how many events wait to be decided, and how many are set aside or wait behind one; at most ``MOST`` of each."""
    row = await conn.fetchrow(_SQL["waiting"], MOST)
    return row["waiting"], row["aside"]


async def jobs(conn: asyncpg.Connection, now: int, late: int) -> list[JobsOf]:
    """Return jobs by kind. ``late``: the instant before which they were due for somebody to look."""
    by_kind: dict[str, JobsOf] = {}
    for row in await conn.fetch(_SQL["jobs"], now, late, MOST):
        before = by_kind.get(row["kind"], JobsOf(row["kind"], 0, 0, 0))
        counts = (before.due + row["due"], before.late + row["late"], before.dead + row["dead"])
        by_kind[row["kind"]] = JobsOf(row["kind"], *counts)
    return [by_kind[kind] for kind in sorted(by_kind)]


async def keys(conn: asyncpg.Connection) -> list[KeyAge]:
    """Return the API keys in use that are oldest."""
    return [KeyAge(*row) for row in await conn.fetch(_SQL["keys"], _KEYS)]


async def masters(conn: asyncpg.Connection) -> dict[str, float]:
    """Return since when master keys are in use, in seconds since 1970, by their id in hexadecimal."""
    return {row["id"]: row["since"] for row in await conn.fetch(_SQL["masters"])}


async def unsigned(conn: asyncpg.Connection) -> Unsigned:
    """Return what of the logs no signed head covers yet."""
    row = await conn.fetchrow(_SQL["unsigned"])
    return Unsigned(row["logs"], row["entries"], _moment(row["oldest"]))


async def figures(conn: asyncpg.Connection, begin: str, end: str) -> dict[str, int]:
    """Return what was decided from one slot up to another, by metric (``core/rollup``), in workspaces whose clock is the real one."""
    return {row["metric"]: row["count"] for row in await conn.fetch(_SQL["figures"], begin, end)}


async def no_landing(conn: asyncpg.Connection) -> list[str]:
    """Return the workspaces with a program that runs and no landing page."""
    return [row["workspace_id"] for row in await conn.fetch(_SQL["no_landing"])]


async def server(conn: asyncpg.Connection) -> Server:
    """Return what there is to know of the database's server."""
    return Server(*await conn.fetchrow(_SQL["server"]))


def _moment(evt: str | None) -> int | None:
    """Return when an event came in, as its id says."""
    return None if evt is None else ids.made_at(evt)
