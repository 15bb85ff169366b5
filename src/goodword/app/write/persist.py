"""persist: write what a batch gathered, one statement a noun, in the transaction that holds the workspace's lock."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.app.write.batch import Changes
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import ClockMoved
from goodword.core.state import NOUNS, Balance, Entity, Payee
from goodword.store import entities, jobs, log, payees, rules, timers, touches, undecided
from goodword.store.log import Stream


async def persist(
    conn: asyncpg.Connection, ws: str, before: Stream, changes: Changes, real_now: int, loose: Sequence[bytes] | None
) -> log.End:
    """Write entities, balances, rules, touches, jobs, what waited, the log and its new end, and give this.

    ``before``: the end of the log until now; ``loose``: its leaf hashes that fill no tile, if they are known.
    """
    changed: dict[type[Entity], list[Entity]] = {noun: [] for noun in NOUNS}
    new: dict[type[Entity], list[Entity]] = {noun: [] for noun in NOUNS}
    for place, entity in changes.puts.items():
        (new if place in changes.new else changed)[place[0]].append(entity)
    end = before.position + len(changes.entries)
    for noun in NOUNS:
        if noun is not Balance:
            await entities.save(conn, ws, noun, changed[noun], new[noun], position=end)
    await payees.settle(conn, ws, changed[Payee])  # type: ignore[arg-type]
    await timers.end(conn, ws, changes.fired)
    await entities.post(conn, ws, changes.balances)
    await rules.save(conn, ws, changes.rules)
    await touches.save(conn, ws, changes.touches, calendar.moment(real_now))
    await jobs.add(conn, ws, changes.jobs, real_now)
    await undecided.decided(conn, ws, changes.done)
    now = manual_now(before.manual_now, changes.entries)
    return await log.append(conn, ws, before, changes.entries, changes.leaves, now, loose)


def manual_now(before: int | None, entries: list[Entry]) -> int | None:
    """Return what a manual clock shows after these entries; one that was not moved shows what it did."""
    for entry in entries:
        if type(entry.event) is ClockMoved and not entry.refused:
            before = entry.event.to
    return before
