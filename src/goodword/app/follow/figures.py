"""The figures of days follow the log: what each entry adds to its day is worked out by ``core/rollup`` from the entry alone."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from goodword.app.follow.follower import Follower, breathing
from goodword.core import rollup
from goodword.core.entry import Entry
from goodword.store import figures


async def _apply(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
    changes: rollup.Changes = {}
    async for entry in breathing(entries):
        rollup.fold(changes, entry)
    await figures.add(conn, ws, rollup.with_days(changes))


FOLLOWER = Follower(name="figures", apply=_apply, clear=figures.clear)
