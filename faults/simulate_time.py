"""A simulated clock and simulated chance: what the application's modules meet where they look for ``time``, ``datetime`` and ``os``.

The wall clock may jump both ways; the monotonic one only passes. Random bytes follow from the seed, so that a run has the
same ids, keys and digests each time. Must not know: what the application does with any of them.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from random import Random
from typing import Any
from unittest.mock import patch

from goodword.app import directory
from goodword.app.follow import payouts
from goodword.app.intake import clicks, group_commit, ingest, links
from goodword.app.write import commands, persist, process
from goodword.edge import keys, redirects
from goodword.store import api_keys, touches, uuid7, vault
from goodword.worker import loops

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND

_READ_TIME = (process, commands, clicks, group_commit, ingest, payouts, loops, links, directory, keys)
_READ_DATES = (clicks, touches)
_TAKE_CHANCES = (uuid7, vault, api_keys)
_PATIENT = 30.0  # real seconds, where a busy machine must not decide how a run goes on


class Clock:
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

    def time_ns(self) -> int:
        """Stand for time.time_ns."""
        return self.wall * 1_000

    def monotonic(self) -> float:
        """Stand for time.monotonic."""
        self._since_start += self.drag
        return self._since_start / SECOND

    def now(self, zone: tzinfo = UTC) -> datetime:
        """Stand for datetime.now."""
        return datetime.fromtimestamp(self.wall / SECOND, zone)


_PARTS = (1, 3, process.PART)  # decisions that are written together


class _Instead:
    """A module or class of which some names are others."""

    def __init__(self, real: Any, **names: Any) -> None:
        self._real = real
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def simulated(clock: Clock, random: Random) -> Iterator[None]:
    """Let the application live by this clock and this chance until the block ends."""
    with ExitStack() as stack:

        def instead(module: Any, name: str, value: Any) -> None:
            stack.enter_context(patch.object(module, name, value))

        for module in _READ_TIME:
            instead(
                module,
                "time",
                _Instead(time, time_ns=clock.time_ns, monotonic=clock.monotonic, thread_time=clock.monotonic),
            )
        for module in _READ_DATES:
            instead(module, "datetime", _Instead(datetime, now=clock.now))
        for module in _TAKE_CHANCES:
            instead(module, "os", _Instead(os, urandom=random.randbytes))
        instead(uuid7, "_process", uuid7.Uuid7(clock.time_ns))
        instead(process, "_PAUSE", 0)
        instead(process, "PART", random.choice(_PARTS))
        instead(
            persist.Writer, "idle", True
        )  # a part waits for the one before: how quick the database is decides nothing
        instead(group_commit, "_PAUSES", (0, 0, 0, 0))
        instead(redirects, "_PATIENCE", _PATIENT)
        instead(links, "_PATIENCE", _PATIENT)
        yield
