"""Several processes at once, in an order that the seed gives: between any two statements chance says whose turn it is.

Only one of them computes at a time; the others wait for their turn, or for a lock in the database. So a race comes out the
same way each time. Must not know: what they do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar, copy_context
from random import Random
from typing import Any

import asyncpg

_LOOK = 0.003  # seconds between looks whether a statement waits for a lock
_STUCK = 5.0  # seconds after which those who wait for one another outside the database go on as they come

_WHO: ContextVar[int | None] = ContextVar("who", default=None)


class Turns:
    """Who runs together, whose turn it is. ``owner``: connections that see who waits for a lock."""

    def __init__(self, random: Random, owner: asyncpg.Pool) -> None:
        self._random = random
        self._owner = owner
        self._live: set[int] = set()
        self._asking: dict[int, asyncio.Future[None]] = {}
        self._under_way: dict[int, int] = {}  # who -> backend of the statement
        self._news = asyncio.Event()

    async def together(self, *doings: Coroutine[Any, Any, Any]) -> list[Any]:
        """Do all of it at once and give the results, in order. Raises what the first of them raises, after all have ended."""
        self._live = set(range(len(doings)))
        tasks = [self._start(who, doing) for who, doing in enumerate(doings)]
        await self._conduct()
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]

    async def through(self, conn: asyncpg.Connection, run: Callable[[], Awaitable[Any]]) -> Any:
        """Run a statement when it is its turn, and go on when it is again."""
        who = _WHO.get()
        if who is None or who not in self._live:
            return await run()
        await self._turn(who)
        self._under_way[who] = conn.get_server_pid()
        try:
            return await run()
        finally:
            self._under_way.pop(who, None)
            await self._turn(who)

    def _start(self, who: int, doing: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        context = copy_context()
        context.run(_WHO.set, who)
        task = asyncio.get_running_loop().create_task(doing, context=context)
        task.add_done_callback(lambda _: self._ended(who))
        return task

    def _ended(self, who: int) -> None:
        self._live.discard(who)
        if who in self._asking:  # of a task that it left behind
            self._asking.pop(who).set_result(None)
        self._news.set()

    async def _turn(self, who: int) -> None:
        if who in self._live and who not in self._asking:
            self._asking[who] = asyncio.get_running_loop().create_future()
            self._news.set()
            await self._asking[who]

    async def _conduct(self) -> None:
        while self._live:
            await self._quiet()
            if self._asking:
                self._asking.pop(self._random.choice(sorted(self._asking))).set_result(None)

    async def _quiet(self) -> None:
        """Return when everybody waits for a turn or a lock, or has ended."""
        late = asyncio.get_running_loop().time() + _STUCK
        while busy := self._live - self._asking.keys():
            self._news.clear()
            waiting = [self._under_way[who] for who in busy if who in self._under_way]
            if self._asking and len(waiting) == len(busy) and await self._blocked(waiting):
                return
            try:
                await asyncio.wait_for(self._news.wait(), _LOOK)
            except TimeoutError:
                if asyncio.get_running_loop().time() > late and self._asking:
                    return

    async def _blocked(self, backends: list[int]) -> bool:
        """Return whether all of these wait for locks."""
        found = await self._owner.fetchval(
            "select bool_and(cardinality(pg_blocking_pids(pid)) > 0) from unnest($1::int[]) as backend (pid)", backends
        )
        return bool(found)
