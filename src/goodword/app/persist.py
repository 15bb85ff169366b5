"""persist: write what a batch gathered, one statement a noun, in the transaction that holds the workspace's lock."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.app.batch import Batch
from goodword.core.entry import Entry
from goodword.core.events import ClockMoved
from goodword.core.state import NOUNS, Balance, Entity
from goodword.store import entities, jobs, log, rollups, rules, timers, touches
from goodword.store.log import Stream


async def persist(
    conn: asyncpg.Connection, ws: str, before: Stream, batch: Batch, real_now: int, loose: Sequence[bytes] | None = None
) -> log.End:
    """Write entities, balances, rollup, rules, touches, jobs, the log and its new end, and give this.

    ``before``: the end when it was locked; ``loose``: its leaf hashes that fill no tile, if they are known.
    """
    by_noun: dict[type[Entity], list[Entity]] = {}
    for (noun, _), entity in batch.puts.items():
        by_noun.setdefault(noun, []).append(entity)
    for noun in NOUNS:
        if noun is not Balance:
            await entities.save(conn, ws, noun, by_noun.get(noun, []))
    await timers.end(conn, ws, batch.fired)
    await entities.post(conn, ws, batch.balances)
    await rollups.add(conn, ws, batch.rollup)
    await rules.save(conn, ws, batch.rules)
    await touches.save(conn, ws, batch.touches)
    await jobs.add(conn, ws, batch.jobs, real_now)
    now = manual_now(before.manual_now, batch.entries)
    return await log.append(conn, ws, before, batch.entries, batch.leaves, now, loose)


def manual_now(before: int | None, entries: list[Entry]) -> int | None:
    """Give what a manual clock shows after these entries; one that was not moved shows what it did."""
    for entry in entries:
        if type(entry.event) is ClockMoved and all(verdict.outcome != "refused" for verdict in entry.verdicts):
            before = entry.event.to
    return before
