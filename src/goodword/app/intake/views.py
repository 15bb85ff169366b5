"""How often a friend's page was opened, by code and day, programs apart: counts, and nothing of who opened it.

They are gathered in memory, bounded, and added a second later, so that whoever opens a page waits for none of it. A row stands for a
code that somebody owns and a day: however often a page is opened, it takes no more room. Must not know: HTTP, SQL.
"""

from __future__ import annotations

import logging
from typing import Final

from goodword.app.engine import Engine
from goodword.app.intake.soon import Soon
from goodword.core import calendar
from goodword.store import redirects
from goodword.store.pool import DATABASE_ERRORS

AFTER: Final = 1.0  # seconds between the first one that is counted and the commit of all
MOST: Final = 20_000  # codes whose counts are held in that time; what is opened beyond them is not counted

_log = logging.getLogger(__name__)


class Views:
    """Counts what is opened, and writes the counts down."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._counts: dict[tuple[str, str, int], list[int]] = {}
        self._soon = Soon(engine.clock, AFTER, self._write)

    def opened(self, ws: str, code: str, *, bot: bool) -> None:
        """Count that the page of a code, by its id, was opened."""
        key = (ws, code, self._clock.now() // calendar.DAY)
        counts = self._counts.get(key)
        if counts is None:
            if len(self._counts) >= MOST:
                return
            counts = self._counts[key] = [0, 0]
        counts[bot] += 1
        self._soon.begin()

    async def drain(self) -> None:
        """Write what was counted: before the process ends."""
        await self._soon.drain()

    async def _write(self) -> None:
        counted, self._counts = self._counts, {}
        if not counted:
            return
        rows = [redirects.Viewed(*key, *counts) for key, counts in sorted(counted.items())]
        try:
            await redirects.add_views(self._pool, rows)
        except (*DATABASE_ERRORS, OSError) as error:
            _log.warning("views of %s pages were not written down: %s", len(rows), type(error).__name__)
