"""persist: write what a batch gathered, one statement a noun, in the transaction that holds the workspace's lock.

A long batch is written part by part, each while the next one is decided: the database works beside this process instead of after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from goodword.app.write.batch import Batch, Part
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import ClockMoved
from goodword.core.state import NOUNS, Balance, Entity
from goodword.store import entities, jobs, log, rules, timers, touches, undecided
from goodword.store.log import Stream


class Writer:
    """Writes the parts of a batch, in order. ``end``: the end of the log behind what was written."""

    def __init__(
        self, conn: asyncpg.Connection, ws: str, before: Stream, real_now: int, loose: Sequence[bytes] | None
    ) -> None:
        self._conn = conn
        self._ws = ws
        self._real_now = real_now
        self._under_way: asyncio.Task[None] | None = None
        self.end = log.End(before, None if loose is None else list(loose))

    async def begin(self, part: Part) -> None:
        """Write a part while the caller goes on, once the part before it is written. Raises what that one raised."""
        await self.written()
        self._under_way = asyncio.create_task(self._write(part))

    async def written(self) -> None:
        """Return when all parts are written. Raises what the writing raised."""
        if self._under_way is not None:
            await self._under_way
            self._under_way = None

    async def leave(self) -> None:
        """Stop, whatever is under way: the transaction ends without it."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.gather(self._under_way, return_exceptions=True)

    async def _write(self, part: Part) -> None:
        self.end = await persist(self._conn, self._ws, self.end.stream, part, self._real_now, self.end.loose)


@asynccontextmanager
async def writing(
    conn: asyncpg.Connection, ws: str, before: Stream, batch: Batch, real_now: int, loose: Sequence[bytes] | None
) -> AsyncIterator[Writer]:
    """Yield who writes the parts of a batch; what is left of it is written when this ends.

    ``before``: the end of the log when it was locked; ``loose``: its leaf hashes that fill no tile, if they are known.
    """
    writer = Writer(conn, ws, before, real_now, loose)
    try:
        yield writer
        await writer.begin(batch.cut())
        await writer.written()
    finally:
        await writer.leave()


async def persist(
    conn: asyncpg.Connection, ws: str, before: Stream, part: Part, real_now: int, loose: Sequence[bytes] | None
) -> log.End:
    """Write entities, balances, rules, touches, jobs, what waited, the log and its new end, and give this.

    ``before``: the end of the log until now; ``loose``: its leaf hashes that fill no tile, if they are known.
    """
    by_noun: dict[type[Entity], list[Entity]] = {}
    for (noun, _), entity in part.puts.items():
        by_noun.setdefault(noun, []).append(entity)
    for noun in NOUNS:
        if noun is not Balance:
            await entities.save(conn, ws, noun, by_noun.get(noun, []))
    await timers.end(conn, ws, part.fired)
    await entities.post(conn, ws, part.balances)
    await rules.save(conn, ws, part.rules)
    await touches.save(conn, ws, part.touches, calendar.moment(real_now))
    await jobs.add(conn, ws, part.jobs, real_now)
    await undecided.decided(conn, ws, part.done)
    now = manual_now(before.manual_now, part.entries)
    return await log.append(conn, ws, before, part.entries, part.leaves, now, loose)


def manual_now(before: int | None, entries: list[Entry]) -> int | None:
    """Return what a manual clock shows after these entries; one that was not moved shows what it did."""
    for entry in entries:
        if type(entry.event) is ClockMoved and not entry.refused:
            before = entry.event.to
    return before
