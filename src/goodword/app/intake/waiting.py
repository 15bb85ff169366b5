"""Who waits for a decision: told by whoever decides in the same process; what another process decides is looked for.

Must not know: what is decided, HTTP.
"""

import asyncio
from collections.abc import Iterable

from goodword.app.engine import Engine
from goodword.core.entry import Entry
from goodword.store import log

_FIRST_LOOK = 0.05  # seconds: longer than a decision takes that is going to be told


class Waiting:
    """The events whose decision somebody in this process waits for. ``look``: seconds between looks into the log."""

    def __init__(self, engine: Engine, look: float = 0.1) -> None:
        self._pool = engine.pool
        self._look = look
        self._waiting: dict[str, asyncio.Future[Entry]] = {}

    def told(self, entries: Iterable[Entry]) -> None:
        """Take entries that were committed."""
        if not self._waiting:
            return
        for decided in entries:
            waiting = self._waiting.get(decided.event.evt)
            if waiting is not None and not waiting.done():
                waiting.set_result(decided)

    async def decision(self, ws: str, evt: str, seconds: float, *, new: bool) -> Entry | None:
        """Wait for the decision of an event, so long at most. ``new``: it was accepted just now, nobody can have decided it yet."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        told = self._waiting.get(evt) or loop.create_future()
        self._waiting[evt] = told
        pause = min(_FIRST_LOOK, self._look) if new else 0.0
        try:
            while True:
                await asyncio.wait([told], timeout=min(pause, max(0.0, until - loop.time())))
                if told.done():
                    return told.result()
                if decided := await log.of(self._pool, ws, evt):
                    return decided
                if loop.time() >= until:
                    return None
                pause = self._look
        finally:
            self._waiting.pop(evt, None)
