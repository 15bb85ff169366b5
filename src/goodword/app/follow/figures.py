"""The figures of days follow the log: what each entry adds to its day is worked out by ``core/rollup`` from the entry alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from goodword.app.follow.follower import Follower
from goodword.core import rollup
from goodword.core.entry import Entry
from goodword.store import figures

_BREATH = 100  # entries after which requests of the same process get their turn: 0.3 ms


async def _apply(conn: asyncpg.Connection, ws: str, entries: Sequence[Entry]) -> None:
    found: rollup.Changes = {}
    for place, entry in enumerate(entries, 1):
        rollup.fold(found, entry)
        if place % _BREATH == 0:
            await asyncio.sleep(0)
    await figures.add(conn, ws, found)


FOLLOWER = Follower(name="figures", apply=_apply, clear=figures.clear)
