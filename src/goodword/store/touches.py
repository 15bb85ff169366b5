"""Touches: what links visitors to codes. Partitioned by the server's real time; looked up by visitor or by click.

Must not know: which touch wins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg

from goodword.core.facts import Touch
from goodword.store.sql_files import statements

#: Touches older than this by the server's clock are not looked at; it also bounds the partitions asked.
KEPT_FOR = timedelta(days=400)
#: Nor are the partitions made ahead: a touch is stored now, by a clock that may have been wrong by some days.
AHEAD = timedelta(days=32)
#: One lookup brings at most so many: a batch of leads, a hundred each.
MOST = 100_000
#: Of one visitor it brings the newest, and of who has more some of the oldest: whoever clicks without end hides nobody else's.
MOST_OF_ONE = 1_000
OLDEST_OF_ONE = 20

_SQL = statements("touch")


async def find(
    connection: asyncpg.Connection, workspace_id: str, visitors: Iterable[str], ids: Iterable[str], now: datetime
) -> list[Touch]:
    """Return the touches of these visitors and those with these click ids, in the order in which they were stored: the log's."""
    return [touch for touch, _ in await told(connection, workspace_id, visitors, ids, now, MOST_OF_ONE)]


async def told(
    connection: asyncpg.Connection,
    workspace_id: str,
    visitors: Iterable[str],
    ids: Iterable[str],
    now: datetime,
    of_one: int,
) -> list[tuple[Touch, str | None]]:
    """Return the same with the event that brought each, None: a block. ``of_one``: so many of a visitor's newest."""
    rows = [
        *await _fetch(connection, "of_visitors", workspace_id, visitors, now, of_one),
        *await _fetch(connection, "by_id", workspace_id, ids, now),
    ]
    counts = Counter(row["visitor"] for row in rows)
    many = [visitor for visitor, count in counts.items() if visitor is not None and count >= of_one]
    rows += await _fetch(connection, "oldest_of_visitors", workspace_id, many, now, OLDEST_OF_ONE)
    rows.sort(key=lambda row: (row["stored_at"], row["evt"] or ""))
    return [(Touch(**{name: row[name] for name in Touch.__struct_fields__}), row["evt"]) for row in rows]


async def _fetch(
    connection: asyncpg.Connection, name: str, workspace_id: str, keys: Iterable[str], now: datetime, *limits: int
) -> list[asyncpg.Record]:
    wanted = sorted(set(keys))
    if not wanted:
        return []
    return list(await connection.fetch(_SQL[name], workspace_id, wanted, now - KEPT_FOR, now + AHEAD, MOST, *limits))


async def save(
    connection: asyncpg.Connection, workspace_id: str, touches: Sequence[tuple[Touch, str]], now: datetime
) -> None:
    """Store touches that events brought: (touch, evt)."""
    if not touches:
        return
    rows = [(t.id, t.code, t.at, t.visitor, t.device, t.bot, evt) for t, evt in touches]
    await connection.execute(_SQL["save"], workspace_id, now, *map(list, zip(*rows, strict=True)))
