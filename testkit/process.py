"""What a server process puts together on its connections, in this process; and a loop of its own to run it in."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import ClassVar, TypeVar

import asyncpg

from goodword.app.directory import Directory
from goodword.app.engine import Clock, Engine
from goodword.app.health import Trouble
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.ingest import Ingest
from goodword.app.intake.links import Links
from goodword.app.intake.quota import Quota, Rates
from goodword.app.intake.waiting import Waiting
from goodword.edge import Edge
from goodword.edge.events import Connection
from goodword.edge.keys import Caller
from goodword.edge.web import Receive, Scope, Send, reply_problem
from goodword.settings import read
from goodword.sources.base import Source
from goodword.sources.registry import REGISTRY
from goodword.store.vault import Vault
from goodword.wiring import Goodword, running

T = TypeVar("T")

_STARTS_WITHIN = 60


class Process:
    """The edge and all that is behind it. ``folder``: where links are kept."""

    SOURCES: ClassVar[Mapping[str, Source]] = REGISTRY
    RATES: ClassVar[Rates] = Rates()

    def __init__(self, pool: asyncpg.Pool, vault: Vault, folder: Path, clock: Clock | None = None) -> None:
        self.pool = pool
        self.vault = vault
        self.engine = Engine(pool, clock)
        self.directory = Directory(self.engine, vault)
        self.ingest = Ingest(self.engine, vault)
        self.clicks = Clicks(self.engine)
        self.links = Links(self.engine, self.directory.workspace, folder)
        self.edge = Edge(
            clock=self.engine.clock,
            ingest=self.ingest,
            waiting=Waiting(self.engine, look=0.01),
            look_up=self._look_up,
            links=self.links,
            clicks=self.clicks,
            quota=Quota(self.engine.clock, self.RATES),
            troubles=self._troubles,
            inner=_inner,
            sources=self.SOURCES,
            connections=self._connection,
        )

    async def _look_up(self, hashed: bytes) -> Caller | None:
        found = await self.directory.key(hashed)
        return Caller(hashed, found[0].kind, found[1]) if found else None

    async def _connection(self, _: str, __: str) -> Connection | None:
        return None

    async def _troubles(self) -> list[Trouble]:
        return (
            []
            if await self.pool.fetchval("select true")
            else [Trouble("database_away", "the database does not answer")]
        )

    async def drain(self) -> None:
        """Store all that was taken."""
        await self.ingest.drain()
        await self.clicks.drain()
        self.links.save()


async def _inner(_: Scope, __: Receive, send: Send) -> None:
    await reply_problem(send, 404, "inner", "This is the inner application.")


@asynccontextmanager
async def product(dsn: str, home: Path, key: str, *, work: bool = False, **settings: str) -> AsyncIterator[Goodword]:
    """Yield the whole product on a database, under a master key; with ``work`` its worker too. ``settings``: what else is set."""
    environment = {"DATABASE_URL": dsn, "GOODWORD_HOME": str(home), "GOODWORD_MASTER_KEY": key}
    environment |= {"GOODWORD_WEBHOOKS_LOOPBACK": "yes", **settings}
    async with running(read(environment), work=work) as goodword:
        yield goodword


@contextmanager
def in_a_thread(there: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Enter a context in the loop of a thread of its own, and leave it there when the block ends."""
    begun: Future[tuple[T, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        end = asyncio.Event()
        try:
            async with there as found:
                begun.set_result((found, asyncio.get_running_loop(), end))
                await end.wait()
        except BaseException as error:
            if begun.done():
                raise
            begun.set_exception(error)

    thread = threading.Thread(target=asyncio.run, args=[live()])
    thread.start()
    found, loop, end = begun.result(_STARTS_WITHIN)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
