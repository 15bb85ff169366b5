"""Every SQL statement, commit and outgoing call that the product makes, in order, with a stop at any one of them.

A ``Watch`` counts what passes while it is on. At its stop, before or after the point, it does as it was told: the process ends
at once, or is gone as far as the database can tell, or the connection is cut. Connections are asyncpg's own, in the pool as the
product opens it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

import asyncpg
from testkit.database import run

from goodword.outbound.rails import Answer, Order, Rail, SilenceError
from goodword.store import pool as product

T = TypeVar("T")
Run = Callable[[], Awaitable[Any]]

#: What asyncpg says of an answer that is lost.
CLOSED = "connection was closed in the middle of operation"

#: What a process that was stopped ends with.
STOPPED = 71


class Gone(asyncio.CancelledError):
    """This process is no more: nothing passes the watch any longer. As a cancellation is, it is let through by everybody."""


class Stop(NamedTuple):
    """Which point, on which side of it, and how: die (the process ends), gone (nothing passes any more) or cut (the connection is)."""

    at: int
    side: Literal["before", "after"]
    how: Literal["die", "gone", "cut"]


class Passing(asyncpg.Connection):  # type: ignore[misc] # asyncpg ships no types
    """A connection of which each statement goes through ``passing``: (connection, statement, its values or rows, what runs it)."""

    __slots__ = ()
    passing: ClassVar[Callable[["Passing", str, Sequence[Any], Run], Awaitable[Any]]]

    def plainly(self, query: str) -> Awaitable[Any]:
        """Run a statement that passes nobody."""
        done: Awaitable[Any] = super().execute(query)
        return done

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> Any:
        """BEGIN, COMMIT and others without arguments; those with arguments come through ``_execute``."""
        go: Run = lambda: super(Passing, self).execute(query, *args, timeout=timeout)  # noqa: E731
        return await (go() if args else type(self).passing(self, query, (), go))

    async def _execute(self, query: str, args: Any, *rest: Any, **more: Any) -> Any:
        go: Run = lambda: super(Passing, self)._execute(query, args, *rest, **more)  # noqa: E731
        return await type(self).passing(self, query, args, go)

    async def _executemany(self, query: str, args: Any, *rest: Any, **more: Any) -> Any:
        go: Run = lambda: super(Passing, self)._executemany(query, args, *rest, **more)  # noqa: E731
        return await type(self).passing(self, query, args, go)

    async def copy_records_to_table(self, table_name: str, *, records: Any, **more: Any) -> str:
        """COPY."""
        rows = tuple(records)
        go: Run = lambda: super(Passing, self).copy_records_to_table(table_name, records=rows, **more)  # noqa: E731
        said: str = await type(self).passing(self, f"copy {table_name}", rows, go)
        return said


class Watch:
    """Counts points while it is ``on``. ``points``: what passed, in words; ``reached``: whether the stop was met."""

    def __init__(self, stop: Stop | None = None) -> None:
        self.stop = stop
        self.points: list[str] = []
        self.on = False
        self.reached = False
        self.gone = False
        self.dsn = ""

    async def pass_(self, what: str, go: Callable[[], Awaitable[T]], cut: Callable[[str], Awaitable[None]]) -> T:
        """Let something pass, or stop there. ``cut`` cuts its connection, before or after it."""
        if self.gone:
            raise Gone
        if not self.on:
            return await go()
        here = self.stop is not None and self.stop.at == len(self.points)
        self.points.append(what)
        if here and self.stop is not None and self.stop.side == "before":
            await self._stop(cut)
        try:
            return await go()
        finally:
            if here and self.stop is not None and self.stop.side == "after":
                await self._stop(cut)

    async def _stop(self, cut: Callable[[str], Awaitable[None]]) -> None:
        assert self.stop is not None
        self.reached = True
        if self.stop.how == "die":
            os._exit(STOPPED)
        if self.stop.how == "gone":
            self.gone = True
            await cut("gone")
            raise Gone
        await cut(self.stop.side)

    async def _statement(self, conn: Passing, query: str, _args: Sequence[Any], go: Run) -> Any:
        async def cut(side: str) -> None:
            """Before: the server ends the session, and the statement finds out. After: it was done, and its answer is lost."""
            if side == "before":
                await run(self.dsn, f"select pg_terminate_backend({conn.get_server_pid()}, 5000)")
                return
            conn.terminate()
            if side != "gone":
                raise asyncpg.ConnectionDoesNotExistError(CLOSED)

        return await self.pass_(_words(query), go, cut)

    async def open_pool(self, dsn: str, *, name: str = "goodword") -> asyncpg.Pool:
        """Open a pool as the product does, whose statements pass here; ``name``: of its sessions."""
        self.dsn = dsn
        passing = staticmethod(self._statement)
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=4,
            server_settings={**product._SETTINGS, "application_name": name},
            init=product._take_role,
            command_timeout=60,
            connection_class=type("Watched", (Passing,), {"passing": passing, "__slots__": ()}),
        )


def _words(query: str) -> str:
    """Return the beginning of a statement, without its comment."""
    lines = [line for line in query.splitlines() if not line.startswith("--")]
    return " ".join(" ".join(lines).split())[:72]


class WatchedRail:
    """A rail whose calls pass a watch. What reaches it is written down in ``book``, a line each, before it acts."""

    def __init__(self, rail: Rail, watch: Watch, book: Any) -> None:
        self._rail = rail
        self._watch = watch
        self._book = book
        self.manual = rail.manual
        self.kinds = rail.kinds
        self.modes = rail.modes
        self.connects = rail.connects

    async def send(self, order: Order) -> Answer:
        """Deliver."""
        return await self._watch.pass_("the rail is told to send", lambda: self._delivered(order), _cut_off)

    async def ask(self, order: Order) -> Answer | None:
        """Ask."""
        return await self._watch.pass_("the rail is asked", lambda: self._rail.ask(order), _cut_off)

    async def _delivered(self, order: Order) -> Answer:
        with open(self._book, "a") as book:  # noqa: PTH123 - one line, appended at once
            book.write(f"{order.id}\n")
        return await self._rail.send(order)


async def _cut_off(side: str) -> None:
    if side == "gone":
        return
    if side == "before":
        raise ConnectionError("the rail cannot be reached")
    raise SilenceError("the rail's answer is lost")
