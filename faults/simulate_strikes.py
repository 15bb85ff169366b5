"""Where the database strikes: connections that fail at a chosen statement or commit, in ways that PostgreSQL itself has.

A blow gets the connection and the statement that was to be run; it may run it or not, and raises what the application would
see. Errors are raised by the server wherever it can be made to, so that its transaction is truly aborted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from faults.simulate_turns import Turns

from goodword.store.pool import open_pool

Run = Callable[[], Awaitable[Any]]
Blow = Callable[["Connection", Run], Awaitable[Any]]

#: What a pool says for itself, when it opens a connection and when it takes one back: it strikes nobody.
_ASIDE = ("pg_has_role", "set role", "RESET ALL")
_CLOSED = "connection was closed in the middle of operation"


class Strikes:
    """What strikes the connections of one pool: a blow at a time, and statements that can never be made."""

    def __init__(self) -> None:
        self._blow: Blow | None = None
        self._left = 0
        self._only: str | None = None
        self.struck = 0
        self.turns: Turns | None = None
        #: an event whose entry cannot be written
        self.cursed: str | None = None

    def arm(self, blow: Blow, *, after: int = 0, at: str | None = None) -> None:
        """Strike once: after so many statements, or after so many that hold a text, such as COMMIT."""
        self._blow, self._left, self._only = blow, after, at

    def disarm(self) -> None:
        """Strike no more."""
        self._blow = self.cursed = None

    async def statement(self, conn: "Connection", query: str, args: tuple[Any, ...], run: Run) -> Any:
        """Run a statement, or strike."""
        if self.cursed is not None and query == "copy log" and any(self.cursed in row for row in args):
            self.struck += 1
            return await raised("22003")(conn, run)
        if self._blow is None or (self._only or "") not in query or any(text in query for text in _ASIDE):
            return await run()
        self._left -= 1
        if self._left >= 0:
            return await run()
        blow, self._blow = self._blow, None
        self.struck += 1
        return await blow(conn, run)


class Connection(asyncpg.Connection):  # type: ignore[misc] # asyncpg ships no types
    """A connection whose statements go past ``strikes``, which is set on a subclass for each pool."""

    strikes: Strikes

    def plainly(self, query: str) -> Awaitable[Any]:
        """Run a statement past which nothing strikes."""
        done: Awaitable[Any] = super().execute(query)
        return done

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:
        """As in asyncpg, and so are the others."""
        return await self._past(query, args, lambda: super(Connection, self).execute(query, *args, timeout=timeout))

    async def fetch(self, query: str, *args: Any, timeout: float | None = None, record_class: Any = None) -> Any:
        """Fetch rows."""
        return await self._past(
            query,
            args,
            lambda: super(Connection, self).fetch(query, *args, timeout=timeout, record_class=record_class),
        )

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None, record_class: Any = None) -> Any:
        """Fetch a row."""
        return await self._past(
            query,
            args,
            lambda: super(Connection, self).fetchrow(query, *args, timeout=timeout, record_class=record_class),
        )

    async def fetchval(self, query: str, *args: Any, column: int = 0, timeout: float | None = None) -> Any:
        """Fetch a value."""
        return await self._past(
            query, args, lambda: super(Connection, self).fetchval(query, *args, column=column, timeout=timeout)
        )

    async def copy_records_to_table(self, table_name: str, *, records: Any, **more: Any) -> Any:
        """Copy rows."""
        return await self._past(
            f"copy {table_name}",
            tuple(records),
            lambda: super(Connection, self).copy_records_to_table(table_name, records=records, **more),
        )

    def _past(self, query: str, args: tuple[Any, ...], run: Run) -> Awaitable[Any]:
        if self.strikes.turns is None:
            return self.strikes.statement(self, query, args, run)
        return self.strikes.turns.through(self, lambda: self.strikes.statement(self, query, args, run))


def raised(sqlstate: str) -> Blow:
    """The server refuses the statement with this code."""

    async def blow(conn: Connection, _: Run) -> Any:
        await conn.plainly(f"do $$ begin raise exception 'simulated' using errcode = '{sqlstate}'; end $$")

    return blow


async def too_slow(conn: Connection, _: Run) -> Any:
    """The server ends a statement that takes too long."""
    await conn.plainly("set statement_timeout = 1")
    try:
        await conn.plainly("select pg_sleep(60)")
    finally:
        if not conn.is_in_transaction():
            await conn.plainly("reset statement_timeout")


async def ended(conn: Connection, run: Run) -> Any:
    """The server ends the connection, as an administrator may."""
    await conn.plainly("select pg_terminate_backend(pg_backend_pid())")
    return await run()


async def lost_before(conn: Connection, run: Run) -> Any:
    """The connection breaks before the statement is sent."""
    conn.terminate()
    return await run()


async def lost_after(conn: Connection, run: Run) -> Any:
    """The statement is done, and its answer lost with the connection."""
    await run()
    conn.terminate()
    raise asyncpg.ConnectionDoesNotExistError(_CLOSED)


class Pause:
    """A process that is stopped and woken. In a transaction the server gives it up meanwhile."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.resume = asyncio.Event()

    async def blow(self, conn: Connection, run: Run) -> Any:
        """Stop before the statement."""
        if conn.is_in_transaction():
            await conn.plainly("set local idle_in_transaction_session_timeout = 1")
        await self.here()
        return await run()

    async def here(self) -> None:
        """Stop until resumed."""
        self.reached.set()
        await self.resume.wait()


class Deadlock:
    """A second connection that holds what the transaction wants, and wants what it holds."""

    def __init__(self, other: asyncpg.Connection, held: str, wanted: str) -> None:
        self._other = other
        self._held = held
        self._wanted = wanted
        self._task: asyncio.Task[Any] | None = None

    async def blow(self, conn: Connection, run: Run) -> Any:
        """Strike after the lock was taken: both wait for each other, and the server ends one."""
        transaction = self._other.transaction()
        await transaction.start()
        await self._other.execute(self._held)
        self._task = asyncio.create_task(self._close(transaction))
        await asyncio.sleep(0)
        try:
            await conn.plainly(self._held)
            return await run()
        finally:
            await self._task

    async def _close(self, transaction: Any) -> None:
        try:
            await self._other.execute(self._wanted)
        except asyncpg.DeadlockDetectedError:
            pass
        finally:
            await transaction.rollback()


async def opened(dsn: str, strikes: Strikes) -> asyncpg.Pool:
    """Return connections like the server's, which these strikes meet."""
    return await open_pool(dsn, size=8, connection_class=type("Struck", (Connection,), {"strikes": strikes}))
