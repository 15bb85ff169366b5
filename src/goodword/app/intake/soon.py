"""What is gathered in memory and written down a little later, so that whoever caused it waits for none of it.

Must not know: what is gathered, how it is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from goodword.app.engine import Clock


class Soon:
    """Writes down what was gathered, ``after`` so many seconds behind the first of it."""

    def __init__(self, clock: Clock, after: float, write: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._after = after
        self._write = write
        self._writing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Have it written, unless it is about to be."""
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._later())

    async def drain(self) -> None:
        """Write it now: before the process ends."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        await self._write()

    async def _later(self) -> None:
        await self._clock.sleep(self._after)
        self._writing = None
        await self._write()
