"""What one process works with: its connections, its clock, and what it remembers. It is made once, in ``wiring``, and handed on.

Nothing of the product keeps state in a module: two engines in one process know no more of one another than two processes do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import asyncpg

from goodword.app.bounded import Bounded
from goodword.app.live import Live
from goodword.app.recent import Recent
from goodword.app.write.cache import Cache
from goodword.core.rules import RuleVersion


class Clock:
    """Time as this process sees it: the one place that asks the machine."""

    def now(self) -> int:
        """Return the instant of the real clock, in microseconds since 1970-01-01 UTC. It may jump, also back."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Return seconds since some instant; it only passes."""
        return time.monotonic()

    def spent(self) -> float:
        """Return the seconds of processor time that this thread has taken."""
        return time.thread_time()

    def patience(self, seconds: float) -> float:
        """Return how long to wait for somebody else, of whom ``seconds`` are expected."""
        return seconds

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        await asyncio.sleep(seconds)


class Engine:
    """Connections, clock and caches of a process. ``url``: the installation's address as people see it."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock | None = None, *, url: str = "http://127.0.0.1") -> None:
        self.url = url
        self.pool = pool
        self.clock = clock or Clock()
        self.cache = Cache()
        self.recent = Recent()
        self.live = Live()
        #: (workspace, hash) -> version: they never change
        self.rules: Bounded[tuple[str, str], RuleVersion] = Bounded(1_000)
        #: (workspace, hash, language) -> name and three lines of the terms by it: they never change, and finding them reads the log
        self.terms: Bounded[tuple[str, str, str], tuple[str, tuple[str, ...]]] = Bounded(1_000)
        #: workspace -> its own texts of messages by topic and language, and until when they are not asked for again
        self.letters: Bounded[str, tuple[Mapping[tuple[str, str], str], float]] = Bounded(1_000)
        #: workspace -> events that are decided in a batch's time, as the last batch shows
        self.paces: Bounded[str, int] = Bounded(10_000)
