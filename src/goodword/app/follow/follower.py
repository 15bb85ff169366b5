"""Followers: who reads a workspace's log from its first entry on, and makes something of it behind the commit that decides.

Positions of the log have no gaps, and entries up to the last one are committed: a follower's cursor is one number. What it makes of a
batch of entries is written in the transaction that moves the cursor, so that each entry counts once, whoever is killed when.
What costs more than a statement or two, or calls somebody, a follower leaves to jobs, which it adds in that transaction.
Must not know: SQL, what a follower makes of entries, when followers are looked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from goodword.app.engine import Engine
from goodword.app.recent import Entries
from goodword.core import entry as log_entry
from goodword.store import followers

_BYTES = 4 << 20  # of the entries of a batch
_BREATH = 100  # entries that are read, or looked at, between two turns of others: 0.3 ms

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Who follows the log. ``apply(conn, ws, entries)`` writes what comes of entries, in order; ``clear`` forgets all of a workspace.

    Both run in a transaction that is not theirs to end. ``most``: entries of a batch. ``within``: seconds that a batch may take.
    """

    name: str
    apply: Callable[[asyncpg.Connection, str, Entries], Awaitable[None]]
    clear: Callable[[asyncpg.Connection, str], Awaitable[None]]
    most: int = 2_000
    within: float = 30.0


async def breathing(many: Iterable[T]) -> AsyncIterator[T]:
    """Yield each of many, and give the requests of this process their turn in between."""
    for place, item in enumerate(many, 1):
        yield item
        if place % _BREATH == 0:
            await asyncio.sleep(0)


async def follow(engine: Engine, ws: str, follower: Follower) -> int:
    """Let a follower take a batch of a workspace's log; returns how many entries. 0: there is none, or somebody else takes it now."""
    async with (
        asyncio.timeout(engine.clock.patience(follower.within)),
        engine.pool.acquire() as conn,
        conn.transaction(),
    ):
        position = await followers.lock(conn, ws, follower.name)
        if position is None:
            return 0
        entries = await behind(engine, conn, ws, position, follower.most)
        if not entries:
            return 0
        last = position + len(entries)
        if (entries[0].position, entries[-1].position) != (position + 1, last):
            raise LookupError(f"the log of {ws} lacks an entry behind {position}: see goodword verify")
        await follower.apply(conn, ws, entries)
        await followers.move(conn, ws, follower.name, last)
    return len(entries)


async def behind(engine: Engine, conn: asyncpg.Connection, ws: str, position: int, most: int) -> Entries:
    """Return the entries behind a position: those that this process wrote itself, if the log still ends them so, or as it has them."""
    recent = engine.recent.behind(ws, position, most)
    if recent and await followers.evt_at(conn, ws, recent[-1].position) == recent[-1].event.evt:
        return recent
    leaves = await followers.leaves(conn, ws, position, most, _BYTES)
    return Entries([log_entry.read(leaf) async for leaf in breathing(leaves)])


async def catch_up(engine: Engine, ws: str, wanted: Iterable[Follower]) -> int:
    """Let followers take a workspace's log to its end; returns how many entries they took together."""
    total = 0
    for follower in wanted:
        while taken := await follow(engine, ws, follower):
            total += taken
    return total


async def restart(engine: Engine, ws: str, follower: Follower) -> None:
    """Let a follower forget a workspace and begin again with the first entry. Waits for who moves it now."""
    async with engine.pool.acquire() as conn, conn.transaction():
        await followers.wait(conn, ws, follower.name)
        await follower.clear(conn, ws)
        await followers.move(conn, ws, follower.name, 0)
