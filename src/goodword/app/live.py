"""Who watches the logs of workspaces: woken by the commits of this process; what another process commits is looked for.

A watcher may say at which record they are: the others are told, for as long as they watch, a minute at most. It is kept nowhere else.
Must not know: what an entry means, HTTP.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

LOOK = 1.0  # seconds after which the end of a log is asked for again: what others commit is seen as late as that
MOST = 200  # watchers of a process at once
EACH = 16  # of them by one member, so that nobody takes the places of others
OPENED = 8  # of them by one session
AT = 60.0  # seconds after which nobody is at a record any more who did not say so again


class At(Struct, frozen=True):
    """A member who is at a record of some programs, and perhaps deciding it. ``action``: what it takes to see that record."""

    member: str
    subject: str
    programs: tuple[str | None, ...]
    action: str
    deciding: bool


class Watcher(Struct, frozen=True):
    """Who watches: a member of a workspace, by a session; empty: by none."""

    workspace: str
    member: str
    session: str


class _Log:
    """What is known of one log. ``end``: its last position that was seen, at ``looked``; ``woken`` is set when it has grown."""

    def __init__(self) -> None:
        self.end = 0
        self.looked = -math.inf
        self.woken = asyncio.Event()
        self.watchers = 0
        self.looking = asyncio.Lock()
        self.there: dict[object, tuple[At, float]] = {}  # who is at a record, until when
        self.turns = 0  # how often that has changed


class Live:
    """The watchers of one process. However many watch one log, it is looked at once in so many seconds."""

    def __init__(self, look: float = LOOK, most: int = MOST) -> None:
        self._look = look
        self._most = most
        self._logs: dict[str, _Log] = {}
        self._stopped = asyncio.Event()
        self._watchers = 0
        self._by = Counter[tuple[str, str]]()  # a member or a session of a workspace -> how often it watches

    @property
    def full(self) -> bool:
        """Whether nobody else can watch now."""
        return self._watchers >= self._most or self.stopped

    def enough(self, who: Watcher) -> bool:
        """Whether somebody watches as often as they may, or their session does."""
        return any(self._by[key] >= most for key, most in zip(_keys(who), (EACH, OPENED), strict=False))

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

    def there(self, ws: str) -> list[At]:
        """Return who is at a record of a workspace now."""
        log, now = self._logs.get(ws), asyncio.get_running_loop().time()
        return [at for at, until in log.there.values() if until > now] if log is not None else []

    @contextmanager
    def watching(self, who: Watcher, at: At | None = None) -> Iterator[None]:
        """Be a watcher of one's log while the block runs, and perhaps at a record."""
        ws = who.workspace
        log, me = self._logs.setdefault(ws, _Log()), object()
        log.watchers += 1
        self._watchers += 1
        self._by.update(_keys(who))
        if at is not None:
            log.there[me] = at, asyncio.get_running_loop().time() + AT
            self._turned(ws, log)
        try:
            yield
        finally:
            self._watchers -= 1
            self._by = +(self._by - Counter(_keys(who)))
            log.watchers -= 1
            if log.there.pop(me, None) is not None:
                self._turned(ws, log)
            if not log.watchers:
                del self._logs[ws]

    def _turned(self, ws: str, log: _Log) -> None:
        log.turns += 1
        self.grown(ws)

    def turns(self, ws: str) -> int:
        """Return how often it has changed who is at a record of a workspace that is watched."""
        return self._logs[ws].turns

    async def behind(
        self, ws: str, position: int, seconds: float, end: Callable[[], Awaitable[int]], turns: int | None = None
    ) -> int:
        """Wait until a log that is watched goes beyond a position, so long at most; return its end, as ``end`` asks the database.

        ``turns``: it is not waited either once ``turns`` is another number.
        """
        loop = asyncio.get_running_loop()
        log, until = self._logs[ws], loop.time() + seconds
        while True:
            async with log.looking:
                if loop.time() - log.looked >= self._look:
                    log.woken.clear()
                    log.looked = loop.time()
                    log.end = await end()
            left = until - loop.time()
            if log.end > position or turns not in (None, log.turns) or left <= 0 or self.stopped:
                return log.end
            with suppress(TimeoutError):
                await asyncio.wait_for(log.woken.wait(), min(self._look, left))

    async def pause(self, seconds: float) -> None:
        """Let so many seconds pass, fewer if the process ends."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), seconds)


def _keys(who: Watcher) -> list[tuple[str, str]]:
    """Return by what somebody is counted, the member first; ids of members and of sessions begin otherwise."""
    return [(who.workspace, by) for by in (who.member, who.session) if by]
