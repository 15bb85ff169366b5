"""Waiting until something is so; the limit is there only so that a failure ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")

_LOOK = 0.02
_PATIENCE = 60.0
#: What whoever asks a database meets while it is away.
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


def until(holds: Callable[[], object], *, said: Callable[[], str] = str, patience: float = _PATIENCE) -> None:
    """Wait for a condition. AssertionError with what ``said`` gives if it never holds."""
    late = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < late, said()
        time.sleep(_LOOK)


async def eventually(asked: Callable[[], Awaitable[T]], *, patience: float = _PATIENCE) -> T:
    """Return the first answer that is not empty, though the database may be away meanwhile. TimeoutError if none comes."""
    async with asyncio.timeout(patience):
        while True:
            try:
                if found := await asked():
                    return found
            except AWAY:
                pass
            await asyncio.sleep(_LOOK)
