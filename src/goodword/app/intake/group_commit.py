"""Group commit: many producers append to one buffer, one flusher writes what is there as soon as the last flush returned.

No timer: an idle buffer is written at once, a busy one in growing batches. A flush that fails because of what it holds
is halved until the bad item stands alone, which is refused for good or, where it may be stored later, sends its producer
away; one that fails because the database is away is tried again, then refused as a whole. Must not know: what is written, SQL, HTTP.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

import asyncpg

from goodword.app.engine import Clock

T = TypeVar("T")
R = TypeVar("R")

_log = logging.getLogger(__name__)

#: What a row may bring about by itself: halving finds it. Everything else is not the row's fault.
_BAD_ROW = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError, TypeError, KeyError)
_PAUSES = (0, 0.02, 0.1, 0.5)  # seconds before each try
_LONGEST_WAIT = 2.0  # seconds that the last in the buffer may have to wait, at the pace of the flushes before
WORKSPACES = 1_000  # buffers of a process that are idle and kept
_TELLING = 20  # a flush of at least this part of the largest tells the pace


class UnavailableError(Exception):
    """Nothing was stored: the buffer is full or the database is away. Try again after ``retry_after`` seconds."""

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class ApartError(UnavailableError):
    """What is written holds something that cannot be stored now and may be later: only its own producer shall wait for that."""


class _Waiting(Generic[R]):
    """One producer's items: how many are still out, their results in order."""

    __slots__ = ("done", "left", "results")

    def __init__(self, count: int) -> None:
        self.left = count
        self.results: list[R | None] = [None] * count
        self.done: asyncio.Future[list[R]] = asyncio.get_running_loop().create_future()


class GroupCommit(Generic[T, R]):
    """A buffer with its flusher.

    ``write`` stores a batch in one transaction and gives a result an item, in order; ``refuse`` gives the result of an
    item that cannot be stored even alone. ``largest``: items a flush; ``capacity``: items that may wait, fewer where they
    would have to wait too long.
    """

    def __init__(
        self,
        clock: Clock,
        write: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        refuse: Callable[[T], R],
        *,
        largest: int = 2_000,
        capacity: int = 20_000,
    ) -> None:
        self._clock = clock
        self._write = write
        self._refuse = refuse
        self._largest = largest
        self._capacity = capacity
        self._waiting: deque[tuple[T, _Waiting[R], int]] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()  # set when the next items leave the buffer, and then another one
        self._pace: float | None = None  # items a second

    def check(self, more: int = 0) -> None:
        """Raise UnavailableError if there is no room for so many more: before any work is done for them."""
        if not self._has_room(more):
            raise UnavailableError("too many events wait to be stored", 1)

    async def room(self, more: int) -> None:
        """Wait until there is room for so many more: for a producer who would not come again."""
        while self._waiting and not self._has_room(more):
            await self._moved.wait()

    def _has_room(self, more: int) -> bool:
        return len(self._waiting) + more <= self._room()

    def _room(self) -> int:
        if self._pace is None:
            return self._capacity
        return min(self._capacity, max(self._largest, int(self._pace * _LONGEST_WAIT)))

    async def put(self, items: Sequence[T]) -> list[R]:
        """Store the items and give their results once they are durable. Raises UnavailableError: nothing is promised."""
        return await self.begin(items) if items else []

    def begin(self, items: Sequence[T]) -> asyncio.Future[list[R]]:
        """Take items, at least one; what is given back is done when ``put`` would return. Raises UnavailableError."""
        self.check(len(items))
        waiting: _Waiting[R] = _Waiting(len(items))
        self._waiting.extend([(item, waiting, index) for index, item in enumerate(items)])
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        return waiting.done

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is being written."""
        return self._flusher is None

    async def drain(self) -> None:
        """Wait until everything that was put is stored or refused."""
        while self._flusher:
            await asyncio.wait([self._flusher])

    async def _flush(self) -> None:
        try:
            while self._waiting:
                count = min(len(self._waiting), self._largest)
                batch = [self._waiting.popleft() for _ in range(count)]
                self._move()
                try:
                    begun = self._clock.monotonic()
                    results = await self._halving([item for item, _, _ in batch])
                    if count * _TELLING >= self._largest:
                        self._pace = count / max(self._clock.monotonic() - begun, 1e-6)
                    _settle(batch, results)
                except UnavailableError as error:
                    _fail(batch, error)
                except BaseException as error:
                    _log.exception("a flush failed for a reason that is ours")
                    _fail(batch, UnavailableError("the events could not be stored", 5))
                    if not isinstance(error, Exception):
                        raise
        finally:
            self._flusher = None
            _fail(list(self._waiting), UnavailableError("the server stops", 5))
            self._waiting.clear()
            self._move()

    def _move(self) -> None:
        """Let those who wait for room look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def _halving(self, items: Sequence[T]) -> list[R | ApartError]:
        try:
            return list(await self._trying(items))
        except ApartError as error:
            if len(items) == 1:
                return [error]
        except _BAD_ROW as error:
            if len(items) == 1:
                _log.warning("an item could not be stored: %s", type(error).__name__)
                return [self._refuse(items[0])]
        middle = len(items) // 2
        return [*await self._halving(items[:middle]), *await self._halving(items[middle:])]

    async def _trying(self, items: Sequence[T]) -> Sequence[R]:
        for pause in _PAUSES:
            await self._clock.sleep(pause)
            try:
                return await self._write(items)
            except _BAD_ROW:
                raise
            except (
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
                OSError,
                TimeoutError,
            ) as error:
                _log.warning("a flush is tried again: %s", type(error).__name__)
        raise UnavailableError("the database is away", 5)


def busy(buffer: GroupCommit[Any, Any]) -> bool:
    """Return whether a buffer holds what is not stored yet."""
    return not buffer.idle


def _settle(batch: Sequence[tuple[T, _Waiting[R], int]], results: Sequence[R | ApartError]) -> None:
    for (_, waiting, index), result in zip(batch, results, strict=True):
        if isinstance(result, ApartError):
            if not waiting.done.done():
                waiting.done.set_exception(result)
            continue
        waiting.results[index] = result
        waiting.left -= 1
        if not waiting.left and not waiting.done.done():
            waiting.done.set_result(waiting.results)  # type: ignore[arg-type]  # none is left that is None


def _fail(batch: Sequence[tuple[T, _Waiting[R], int]], error: Exception) -> None:
    for _, waiting, _ in batch:
        if not waiting.done.done():
            waiting.done.set_exception(error)
