"""Random ids in order of time: UUID version 7 from the real clock.

The 60 bits that RFC 9562 gives to time and counter hold the time in ticks of 1/4096 ms. Where the clock did not move
on since the id before, or went back, the last tick plus one is taken, so the ids of one process always rise: the items
of a request keep their order. The 62 other bits are random.
"""

import os
import threading
import time
from collections.abc import Callable

from goodword.core import ids

_TICKS_PER_MS = 4096
_NS_PER_MS = 1_000_000
_AT_ONCE = 64


class Uuid7:
    """A source of rising ids, safe for threads. ``clock`` gives nanoseconds since 1970-01-01 UTC."""

    def __init__(self, clock: Callable[[], int] = time.time_ns) -> None:
        self._clock = clock
        self._last = 0
        self._random = b""  # what is left of random bytes: asking the system for each id would cost more than the id
        self._lock = threading.Lock()

    def next(self) -> bytes:
        """Return 16 bytes greater than all given before."""
        with self._lock:
            tick = self._clock() * _TICKS_PER_MS // _NS_PER_MS
            if tick <= self._last:
                tick = self._last + 1
            self._last = tick
            if not self._random:
                self._random = os.urandom(_AT_ONCE * 8)
            drawn, self._random = self._random[:8], self._random[8:]
        return _uuid(tick, drawn)

    def several(self, count: int) -> list[bytes]:
        """Return so many, each 16 bytes greater than all before, at half the cost of as many ``next``."""
        with self._lock:
            first = max(self._clock() * _TICKS_PER_MS // _NS_PER_MS, self._last + 1)
            self._last = first + count - 1
        drawn = os.urandom(8 * count)
        return [_uuid(first + n, drawn[8 * n : 8 * n + 8]) for n in range(count)]


def _uuid(tick: int, drawn: bytes) -> bytes:
    random = int.from_bytes(drawn) >> 2
    return (tick >> 12 << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random).to_bytes(16)


_process = Uuid7()


def new_id(prefix: str) -> str:
    """Return a new id, greater than all ids of that prefix that this process gave before."""
    return ids.encode(prefix, _process.next())


def new_ids(prefix: str, count: int) -> list[str]:
    """Return so many new ids, rising."""
    return [ids.encode(prefix, value) for value in _process.several(count)]
