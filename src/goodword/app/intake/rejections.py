"""What was sent with a key and refused, kept for a while so that whoever sends it sees what was wrong, and nothing of what it held.

It is gathered in memory, bounded, and written a second later in one go: a flood of wrong deliveries costs whoever sends right ones
nothing. What is too much is counted and no more is known of it. Must not know: HTTP, SQL, how it is shown.
"""

from __future__ import annotations

import logging
import re
from typing import Final, NamedTuple

from msgspec import Struct

from goodword.app.engine import Engine
from goodword.app.intake.soon import Soon
from goodword.sources import expected
from goodword.sources.fields import TOKEN_PATTERN
from goodword.store import rejections
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.uuid7 import new_id

AFTER: Final = 1.0  # seconds between the first one that is noted and the commit of all
EACH: Final = 200  # of a workspace that are kept apart in that time; of all workspaces
MOST: Final = 4_000
#: What tells of more than could be kept apart.
DROPPED: Final = "dropped"

_TOKEN = re.compile(TOKEN_PATTERN)

_log = logging.getLogger(__name__)


class Refused(NamedTuple):
    """Why something was refused. ``key``: the id of who sent it; ``field``: what was wrong; ``sent_as``: its sender's id of it."""

    source: str
    key: str
    code: str
    field: str = ""
    sent_as: str = ""


class _Times(Struct):
    count: int
    at: int


class Rejections:
    """Gathers what is refused, and writes it down."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._noted: dict[str, dict[Refused, _Times]] = {}
        self._held = 0
        self._soon = Soon(engine.clock, AFTER, self._write)

    def note(
        self, ws: str, source: str, key: str, code: str, field: str | None = None, sent_as: str | None = None
    ) -> None:
        """Note one; it costs a look into memory. What could be anything of the sender's own is not kept: of a field our names alone."""
        named = expected.known(code, field) if field is not None else ""
        known = sent_as if sent_as is not None and _TOKEN.match(sent_as) else ""
        of = self._noted.setdefault(ws, {})
        refused = Refused(source, key, code, named, known)
        if refused not in of:
            if len(of) >= EACH or self._held >= MOST:
                refused = Refused(source, "", DROPPED)
            if refused not in of:
                of[refused] = _Times(0, 0)
                self._held += 1
        times = of[refused]
        times.count += 1
        times.at = self._clock.now()
        self._soon.begin()

    async def drain(self) -> None:
        """Write what was noted: before the process ends."""
        await self._soon.drain()

    async def _write(self) -> None:
        noted, self._noted, self._held = self._noted, {}, 0
        for ws, of in noted.items():
            rows = [
                rejections.Row(new_id("rej"), times.at, *refused, times.count)
                for refused, times in sorted(of.items(), key=lambda one: one[1].at)
            ]
            try:
                async with self._pool.acquire(timeout=5) as conn, conn.transaction():
                    await rejections.add(conn, ws, rows)
            except (*DATABASE_ERRORS, OSError) as error:
                _log.warning("%s refused deliveries were not written down: %s", len(rows), type(error).__name__)
