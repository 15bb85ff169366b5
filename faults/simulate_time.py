"""A simulated clock, which the engines of the simulated processes are given, and simulated chance.

The wall clock may jump both ways; the monotonic one only passes. Random bytes follow from the seed, so that a run has the
same ids, keys and digests each time. Must not know: what the application does with any of them.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from goodword.app import engine
from goodword.store import api_keys, forms, uuid7, vault

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND

_TAKE_CHANCES = (uuid7, vault, api_keys, forms)
_PATIENT = 30.0  # real seconds, where a busy machine must not decide how a run goes on


class Clock(engine.Clock):
    """Microseconds. ``drag``: how much passes with each look at the monotonic clock, on a machine that hardly gets anywhere."""

    def __init__(self, wall: int) -> None:
        self.wall = wall
        self.drag = 1
        self._since_start = 0

    def passes(self, microseconds: int) -> None:
        """Let time pass."""
        self.wall += microseconds
        self._since_start += microseconds

    def jumps(self, microseconds: int) -> None:
        """Set the wall clock, forward or back: no time passes."""
        self.wall += microseconds

    def now(self) -> int:
        """Return the wall clock."""
        return self.wall

    def monotonic(self) -> float:
        """Return what passed, and let a little pass."""
        self._since_start += self.drag
        return self._since_start / SECOND

    def spent(self) -> float:
        """Return what passed: nobody else takes time here."""
        return self.monotonic()

    def patience(self, seconds: float) -> float:
        """Return real seconds that are enough on any machine."""
        return max(seconds, _PATIENT)

    async def sleep(self, _: float) -> None:
        """Give others their turn; time passes when the run says so."""
        await asyncio.sleep(0)


@contextmanager
def simulated(clock: Clock, random: Random) -> Iterator[None]:
    """Let ids, keys and digests follow from this clock and this chance until the block ends."""
    chances = SimpleNamespace(**{**vars(os), "urandom": random.randbytes})
    with ExitStack() as stack:
        for module in _TAKE_CHANCES:
            stack.enter_context(patch.object(module, "os", chances))
        stack.enter_context(patch.object(uuid7, "_process", uuid7.Uuid7(lambda: clock.wall * 1_000)))
        yield
