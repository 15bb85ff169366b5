"""Every SQL statement, commit and outgoing call that the product makes, in order, with a stop at any one of them.

A ``Watch`` counts what passes while it is on. At its stop, before or after the point, it does as it was told: the process ends
at once, or is gone as far as the database can tell, or the connection is cut. Connections are asyncpg's own, in the pool as the
product opens it.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

import asyncpg

from goodword.outbound.rails import Answer, Order, Rail, SilenceError
from goodword.store import pool as product

T = TypeVar("T")

#: What a process that was stopped ends with.
STOPPED = 71


class Gone(asyncio.CancelledError):
    """This process is no more: nothing passes the watch any longer. As a cancellation is, it is let through by everybody."""


class Stop(NamedTuple):
    """Which point, on which side of it, and how: die (the process ends), gone (nothing passes any more) or cut (the connection is)."""

    at: int
    side: Literal["before", "after"]
    how: Literal["die", "gone", "cut"]


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

    async def open_pool(self, dsn: str, *, name: str = "goodword") -> asyncpg.Pool:
        """Open a pool as the product does, whose statements pass here; ``name``: of its sessions."""
        self.dsn = dsn
        watched = type("Watched", (_Connection,), {"watch": self, "__slots__": ()})
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=4,
            server_settings={**product._SETTINGS, "application_name": name},
            init=product._take_role,
            command_timeout=60,
            connection_class=watched,
        )


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose statements pass a watch."""

    __slots__ = ()
    watch: ClassVar[Watch]

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        """BEGIN, COMMIT and others without arguments; those with arguments come through ``_execute``."""
        go: Callable[[], Awaitable[str]] = lambda: super(_Connection, self).execute(query, *args, timeout=timeout)  # noqa: E731
        return await (go() if args else self.watch.pass_(_words(query), go, self._cut))

    async def _execute(self, query: str, *args: Any, **more: Any) -> Any:
        return await self.watch.pass_(
            _words(query), lambda: super(_Connection, self)._execute(query, *args, **more), self._cut
        )

    async def _executemany(self, query: str, *args: Any, **more: Any) -> Any:
        return await self.watch.pass_(
            _words(query), lambda: super(_Connection, self)._executemany(query, *args, **more), self._cut
        )

    async def copy_records_to_table(self, table_name: str, **more: Any) -> str:
        """COPY."""
        return await self.watch.pass_(
            f"copy {table_name}", lambda: super(_Connection, self).copy_records_to_table(table_name, **more), self._cut
        )

    async def _cut(self, side: str) -> None:
        """Before: the server ends the session, and the statement finds out. After: it was done, and its answer is lost."""
        if side == "before":
            killer = await asyncpg.connect(self.watch.dsn)
            await killer.execute("select pg_terminate_backend($1, 5000)", self.get_server_pid())
            await killer.close()
            return
        self.terminate()
        if side == "gone":
            return
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


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
