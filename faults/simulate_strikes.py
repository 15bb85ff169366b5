"""Where the database strikes: connections that fail at a chosen statement or commit, in ways that PostgreSQL itself has; and turns.

A blow gets the connection and the statement that was to be run; it may run it or not, and raises what the application would
see. Errors are raised by the server wherever it can be made to, so that its transaction is truly aborted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar, copy_context
from random import Random
from typing import Any

import asyncpg
from faults.watch import CLOSED, Passing, Run

from goodword.store.pool import open_pool

_LOOK = 0.003  # seconds between looks whether a statement waits for a lock
_STUCK = 5.0  # seconds after which those who wait for one another outside the database go on as they come

_WHO: ContextVar[int | None] = ContextVar("who", default=None)


class Turns:
    """Several processes at once, in an order that the seed gives: between any two statements chance says whose turn it is.

    Only one of them computes at a time; the others wait for their turn, or for a lock in the database. So a race comes out the
    same way each time. ``owner``: connections that see who waits for a lock.
    """

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


Blow = Callable[[Passing, Run], Awaitable[Any]]

#: What a pool says for itself, when it opens a connection and when it takes one back: it strikes nobody.
_ASIDE = ("pg_has_role", "set role", "RESET ALL")


class Strikes:
    """What strikes the connections of one pool: a blow at a time, and statements that can never be made."""

    def __init__(self) -> None:
        self._blow: Blow | None = None
        self._left = 0
        self._only: str | None = None
        self.turns: Turns | None = None
        #: an event whose entry cannot be written
        self.cursed: str | None = None

    def arm(self, blow: Blow, *, after: int = 0, at: str | None = None) -> None:
        """Strike once: after so many statements, or after so many that hold a text, such as COMMIT."""
        self._blow, self._left, self._only = blow, after, at

    def disarm(self) -> None:
        """Strike no more."""
        self._blow = self.cursed = None

    async def passing(self, conn: Passing, query: str, args: Sequence[Any], run: Run) -> Any:
        """Run a statement, or strike, when it is its turn."""
        if self.turns is None:
            return await self._statement(conn, query, args, run)
        return await self.turns.through(conn, lambda: self._statement(conn, query, args, run))

    async def _statement(self, conn: Passing, query: str, args: Sequence[Any], run: Run) -> Any:
        if self.cursed is not None and query == "copy log" and any(self.cursed in row for row in args):
            return await raised("22003")(conn, run)
        if self._blow is None or (self._only or "") not in query or any(text in query for text in _ASIDE):
            return await run()
        self._left -= 1
        if self._left >= 0:
            return await run()
        blow, self._blow = self._blow, None
        return await blow(conn, run)


def raised(sqlstate: str) -> Blow:
    """The server refuses the statement with this code."""

    async def blow(conn: Passing, _: Run) -> Any:
        await conn.plainly(f"do $$ begin raise exception 'simulated' using errcode = '{sqlstate}'; end $$")

    return blow


async def ended(conn: Passing, run: Run) -> Any:
    """The server ends the connection, as an administrator may; the product's own role may not end that of a superuser's login."""
    await conn.plainly("reset role; select pg_terminate_backend(pg_backend_pid())")
    return await run()


async def lost_before(conn: Passing, _: Run) -> Any:
    """The connection breaks before the statement is sent."""
    conn.terminate()
    raise asyncpg.ConnectionDoesNotExistError(CLOSED)


async def lost_after(conn: Passing, run: Run) -> Any:
    """The statement is done, and its answer lost with the connection."""
    await run()
    conn.terminate()
    raise asyncpg.ConnectionDoesNotExistError(CLOSED)


class Pause:
    """A process that is stopped and woken. In a transaction the server gives it up meanwhile."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.resume = asyncio.Event()

    async def blow(self, conn: Passing, run: Run) -> Any:
        """Stop before the statement."""
        if conn.is_in_transaction():
            await conn.plainly("set local idle_in_transaction_session_timeout = 1")
        await self.here()
        return await run()

    async def here(self) -> None:
        """Stop until resumed."""
        self.reached.set()
        await self.resume.wait()


async def opened(dsn: str, strikes: Strikes) -> asyncpg.Pool:
    """Return connections like the server's, which these strikes meet."""
    struck = type("Struck", (Passing,), {"passing": staticmethod(strikes.passing), "__slots__": ()})
    return await open_pool(dsn, size=8, connection_class=struck)
