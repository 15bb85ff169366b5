"""Who watches the logs of workspaces: woken by the commits of this process; what another process commits is looked for.

Must not know: who watches, what an entry means, HTTP.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

LOOK = 1.0  # seconds after which the end of a log is asked for again: what others commit is seen as late as that
MOST = 200  # watchers of a process at once


class _Log:
    """What is known of one log. ``end``: its last position that was seen, at ``looked``; ``woken`` is set when it has grown."""

    def __init__(self) -> None:
        self.end = 0
        self.looked = -math.inf
        self.woken = asyncio.Event()
        self.watchers = 0
        self.looking = asyncio.Lock()


class Live:
    """The watchers of one process. However many watch one log, it is looked at once in so many seconds."""

    def __init__(self, look: float = LOOK, most: int = MOST) -> None:
        self._look = look
        self._most = most
        self._logs: dict[str, _Log] = {}
        self._stopped = asyncio.Event()
        self._watchers = 0

    @property
    def full(self) -> bool:
        """Whether nobody else can watch now."""
        return self._watchers >= self._most or self.stopped

    @property
    def stopped(self) -> bool:
        """Whether the process ends."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Let every watcher go at once: the process ends."""
        self._stopped.set()
        for log in self._logs.values():
            log.woken.set()

    def grown(self, ws: str) -> None:
        """Say that entries of a workspace were committed."""
        log = self._logs.get(ws)
        if log is not None:
            log.looked = -math.inf
            log.woken.set()

    @contextmanager
    def watching(self, ws: str) -> Iterator[None]:
        """Be a watcher of a log while the block runs."""
        log = self._logs.setdefault(ws, _Log())
        log.watchers += 1
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1
            log.watchers -= 1
            if not log.watchers:
                del self._logs[ws]

    async def behind(self, ws: str, position: int, seconds: float, end: Callable[[], Awaitable[int]]) -> int:
        """Wait until a log that is watched goes beyond a position, so long at most; return its end, as ``end`` asks the database."""
        loop = asyncio.get_running_loop()
        log, until = self._logs[ws], loop.time() + seconds
        while True:
            async with log.looking:
                if loop.time() - log.looked >= self._look:
                    log.woken.clear()
                    log.looked = loop.time()
                    log.end = await end()
            left = until - loop.time()
            if log.end > position or left <= 0 or self.stopped:
                return log.end
            with suppress(TimeoutError):
                await asyncio.wait_for(log.woken.wait(), min(self._look, left))

    async def pause(self, seconds: float) -> None:
        """Let so many seconds pass, fewer if the process ends."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)
