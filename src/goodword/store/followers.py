"""How far each follower has read a workspace's log. Must not know: what a follower makes of it."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from goodword.core import ids
from goodword.store.sql_files import statements

_SQL = statements("follower")


class Behind(NamedTuple):
    """A follower that has not taken the whole log. ``position``: its last entry; ``end``: the log's.

    ``since``: the instant of the real clock at which the event of the first entry that it lacks came in, as its id says; None: the
    log does not have that entry, which is damage.
    """

    workspace: str
    follower: str
    position: int
    end: int
    since: int | None


async def lock(conn: asyncpg.Connection, ws: str, follower: str) -> int | None:
    """Take a follower until the end of the transaction and return its position; None if somebody else has it."""
    position: int | None = await conn.fetchval(_SQL["lock"], ws, follower)
    return await conn.fetchval(_SQL["begin"], ws, follower) if position is None else position


async def wait(conn: asyncpg.Connection, ws: str, follower: str) -> None:
    """Take a follower until the end of the transaction, once nobody else has it; it begins, if it had not."""
    await conn.execute(_SQL["begin"], ws, follower)
    await conn.execute(_SQL["wait"], ws, follower)


async def move(conn: asyncpg.Connection, ws: str, follower: str, position: int) -> None:
    """Say that the entries up to this one are taken. In the transaction that writes what came of them."""
    await conn.execute(_SQL["move"], ws, follower, position)


async def position(conn: asyncpg.Connection, ws: str, follower: str) -> int:
    """Return the last entry that a follower has taken, 0 if none."""
    return await conn.fetchval(_SQL["position"], ws, follower) or 0


async def leaves(conn: asyncpg.Connection, ws: str, after: int, most: int, size: int) -> list[bytes]:
    """Return the entries behind a position as bytes, ``most`` of them and ``size`` bytes at most, or a single larger one."""
    return [row["leaf"] for row in await conn.fetch(_SQL["next"], ws, after, most, size)]


async def evt_at(conn: asyncpg.Connection, ws: str, position: int) -> str | None:
    """Return which event the entry at a position is of; None if the log does not have it."""
    evt: str | None = await conn.fetchval(_SQL["evt_at"], ws, position)
    return evt


async def behind(conn: asyncpg.Connection, followers: Sequence[str], ws: str | None = None) -> list[Behind]:
    """Return those of the followers that have not taken the whole log; of one workspace, or of all."""
    rows = await conn.fetch(_SQL["behind"], followers, ws)
    return [
        Behind(row["workspace_id"], row["name"], row["position"], row["end"], row["evt"] and ids.made_at(row["evt"]))
        for row in rows
    ]
