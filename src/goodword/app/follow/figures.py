"""The figures of days follow the log: what each entry adds to its day is worked out by ``core/rollup`` from the entry alone."""

from __future__ import annotations

import asyncpg

from goodword.app.follow.follower import Follower, breathing
from goodword.app.recent import Entries
from goodword.core import rollup
from goodword.store import figures


async def _apply(conn: asyncpg.Connection, ws: str, entries: Entries) -> None:
    changes = entries.figures
    if changes is None:
        changes = {}
        async for entry in breathing(entries):
            rollup.fold(changes, entry)
    await figures.add(conn, ws, rollup.with_days(changes))


FOLLOWER = Follower(name="figures", apply=_apply, clear=figures.clear)
