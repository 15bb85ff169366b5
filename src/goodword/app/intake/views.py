"""How often a friend's page was opened, by code and day, programs apart: counts, and nothing of who opened it.

They are gathered in memory, bounded, and added a second later, so that whoever opens a page waits for none of it. A row stands for a
code that somebody owns and a day: however often a page is opened, it takes no more room. What is told as an event is that a day's count
reached 1, 10, 100 …, which nobody can make often. Must not know: HTTP, SQL.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import asyncpg
import msgspec

from goodword.app.engine import Engine
from goodword.app.intake.soon import Soon
from goodword.core import calendar, canonical
from goodword.core.events import LandingViewed
from goodword.store import inbox, log, redirects, seals
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.uuid7 import new_id
from goodword.store.vault import content_digest
from goodword.store.workspaces import Workspace

SOURCE: Final = "landing"
AFTER: Final = 1.0  # seconds between the first one that is counted and the commit of all
MOST: Final = 20_000  # codes whose counts are held in that time; what is opened beyond them is not counted

_log = logging.getLogger(__name__)


class Views:
    """Counts what is opened, and writes the counts down."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._counts: dict[tuple[str, str, int], list[int]] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._soon = Soon(engine.clock, AFTER, self._write)

    def opened(self, ws: Workspace, code: str, *, bot: bool) -> None:
        """Count that the page of a code, by its id, was opened."""
        key = (ws.id, code, self._clock.now() // calendar.DAY)
        counts = self._counts.get(key)
        if counts is None:
            if len(self._counts) >= MOST:
                return
            counts = self._counts[key] = [0, 0]
            self._workspaces[ws.id] = ws
        counts[bot] += 1
        self._soon.begin()

    async def drain(self) -> None:
        """Write what was counted: before the process ends."""
        await self._soon.drain()

    async def _write(self) -> None:
        counted, self._counts = self._counts, {}
        known, self._workspaces = self._workspaces, {}
        if not counted:
            return
        rows = [redirects.Viewed(*key, *counts) for key, counts in sorted(counted.items())]
        try:
            async with self._pool.acquire() as conn, conn.transaction():
                after = await redirects.add_views(conn, rows)
                told: dict[str, list[LandingViewed]] = {}
                for row in rows:
                    now = after[row[:3]]
                    if (reached := milestone(now)) > now - row.people:
                        told.setdefault(row.workspace, []).append(self._event(row, reached))
                for ws, events in told.items():
                    await _tell(conn, known[ws], events)
        except (*DATABASE_ERRORS, OSError) as error:
            _log.warning("views of %s pages were not written down: %s", len(rows), type(error).__name__)

    def _event(self, row: redirects.Viewed, reached: int) -> LandingViewed:
        at = self._clock.now()
        of: dict[str, Any] = {"code": row.code, "day": row.day, "opened": reached}
        return LandingViewed(evt=new_id("evt"), source=SOURCE, occurred_at=at, accepted_at=at, **of)


def milestone(count: int) -> int:
    """Return the highest of 1, 10, 100 … that is no more than a count; 0 of none."""
    return 10 ** (len(str(count)) - 1) if count > 0 else 0


async def _tell(conn: asyncpg.Connection, ws: Workspace, told: list[LandingViewed]) -> None:
    """Have them decided, in the transaction that counts: each is said once, by whoever counts it."""
    stream = None if ws.clock == "real" else await log.stream(conn, ws.id)
    rows = []
    for it in told:
        at = it.accepted_at if stream is None else stream.now(it.accepted_at)
        id_ = f"{it.code}.{it.day}.{it.opened}"
        content = content_digest(ws.keys.content, canonical.encode((it.code, it.day, it.opened)))
        sealed = seals.text(seals.inbox(SOURCE, id_, content))
        event = msgspec.structs.replace(it, occurred_at=at, accepted_at=at, sealed=sealed)
        rows.append(inbox.Row(SOURCE, id_, event.evt, "landing.viewed", content, msgspec.json.encode(event)))
    await inbox.add(conn, ws.id, rows)
