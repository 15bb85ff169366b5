"""How far the followers are behind the log. Must not know: what a follower makes of entries, how a lag is shown."""

from __future__ import annotations

import asyncpg
from msgspec import Struct

from goodword.app.follow.registry import REGISTRY
from goodword.store import followers


class Lag(Struct, frozen=True):
    """A follower that has taken the log up to ``position``, of ``end`` entries.

    ``seconds``: how long ago the first event that it lacks came in, which is more than how long ago that was decided.
    """

    workspace: str
    follower: str
    position: int
    end: int
    seconds: float


async def lags(conn: asyncpg.Connection, now: int, ws: str | None = None) -> list[Lag]:
    """Return the followers that lack entries, of one workspace or of all. ``now``: an instant of the real clock."""
    return [
        Lag(row.workspace, row.follower, row.position, row.end, max(0, now - (row.since or now)) / 1_000_000)
        for row in await followers.behind(conn, list(REGISTRY), ws)
    ]
