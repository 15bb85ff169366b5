"""The composition root: from settings to a running server. Everything is put together here and nowhere else.

settings -> embedded server or DATABASE_URL -> migrate -> pool -> vault -> ingest, clicks, links, worker -> edge, API inside
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from socket import AF_INET, AF_INET6, IPPROTO_TCP, TCP_NODELAY, create_server
from typing import cast

import asyncpg
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from goodword.app import rotation as keys
from goodword.app.directory import Directory
from goodword.app.engine import Engine
from goodword.app.follow import (
    crm,
    feeds,
    fetching,
    looks,
    messages,
    payee_mail,
    payouts,
    portal_mail,
    resending,
    schedules,
    search,
    staff_mail,
)
from goodword.app.health import Bounds, Health
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.deliveries import Deliveries
from goodword.app.intake.ingest import Ingest
from goodword.app.intake.keeping import Keeping
from goodword.app.intake.links import Links
from goodword.app.intake.mappings import Mappings
from goodword.app.intake.quota import Quota, Rates
from goodword.app.intake.rejections import Rejections
from goodword.app.intake.views import Views
from goodword.app.intake.waiting import Waiting
from goodword.edge import Edge
from goodword.edge.document import published
from goodword.edge.events import Connection, Connections
from goodword.edge.keys import Caller, LookUp
from goodword.edge.metrics import Metrics
from goodword.edge.protocol import Protocol
from goodword.edge.watch import Watched
from goodword.edge.web import App
from goodword.outbound.answers import SilenceError
from goodword.outbound.mail import Post, Server
from goodword.outbound.rails import Rail, Ways, make_rails
from goodword.settings import Settings
from goodword.store import dump, embedded, workspaces
from goodword.store.embedded_place import data_folder
from goodword.store.migrations import migrate
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault
from goodword.worker import Worker

_BACKLOG = 2_048
#: Seconds between looks for a decision that somebody waits for, where this process decides too, and where it does not.
_LOOK, _LOOK_OFTEN = 0.1, 0.01
_IDLE = 60  # seconds that a connection may wait for its next request: longer than proxies keep theirs
#: The file of a home that names who was erased, a line each: workspace, person, and what else is to be said.
ERASURES = "erasures"
#: What may be in a home before an archive is restored into it.
_BESIDE = ("keys", ERASURES)
#: A file in a home while an archive is restored into it, and what else is there of a restore that was killed.
_MARK, _DATA = "restoring", ("postgres", "postgres.aside")
#: Connections at once to systems of companies: as many as all payouts in hand may need, so that none waits for another's.
_NAMED_AT_ONCE = 1_024
_ENDS_WITHIN = 10.0  # seconds that open requests get when the server stops


@dataclass(frozen=True, slots=True)
class Goodword:
    """A running installation without its HTTP server. ``owner``: the database's address as its owner."""

    settings: Settings
    owner: str
    directory: Directory
    worker: Worker
    rails: Mapping[str, Rail]
    app: Watched
    health: Health

    @property
    def engine(self) -> Engine:
        """Connections, clock and caches of this process."""
        return self.directory.engine

    @property
    def pool(self) -> asyncpg.Pool:
        """Connections to the database."""
        return self.directory.pool

    @property
    def vault(self) -> Vault:
        """The vault under the installation's master key."""
        return self.directory.vault


@asynccontextmanager
async def server(settings: Settings, *, whole: bool = True) -> AsyncIterator[tuple[str, str]]:
    """Yield the addresses of the database for the server and as its owner, as it is. Starts the embedded one if needed.

    Raises RestoringError where a restore is not at its end, unless it need not be ``whole``.
    """
    if settings.database_url is not None:
        if whole and await dump.is_marked(settings.database_url):
            raise dump.RestoringError("the database of DATABASE_URL")
        yield settings.database_url, settings.database_admin_url or settings.database_url
        return
    if whole and (settings.home / _MARK).exists():
        raise dump.RestoringError(str(settings.home))
    running_ = await embedded.ensure(settings.home)
    try:
        yield running_.dsn, running_.dsn
    finally:
        await running_.stop()


@asynccontextmanager
async def database(settings: Settings, *, whole: bool = True) -> AsyncIterator[tuple[str, str]]:
    """Yield the addresses of the database likewise, migrated."""
    async with server(settings, whole=whole) as (dsn, owner):
        await migrate(owner)
        yield dsn, owner


class NotEmptyError(RuntimeError):
    """There is something where an archive would be restored; the message says what to do."""


@asynccontextmanager
async def empty_database(settings: Settings) -> AsyncIterator[str]:
    """Yield the address of a database, as its owner, in which nothing is yet. Raises NotEmptyError, and makes nothing then.

    While the block runs, and should it be killed, nobody else uses it: see RestoringError. Should it fail, an embedded one is
    taken away again. What one that was killed has left in a home is taken away first.
    """
    if settings.database_url is not None:
        owner = settings.database_admin_url or settings.database_url
        if not await dump.is_empty(owner):
            raise NotEmptyError("the database of DATABASE_URL holds tables: restore into a new one")
        await dump.mark(owner)
        try:
            yield owner
        except BaseException:
            if await dump.is_empty(owner):
                await dump.unmark(owner)
            raise
        await dump.unmark(owner)
        return
    home = settings.home
    with embedded.alone(home) as ours:  # else one that fails would take away what another restores
        if not ours:
            raise NotEmptyError(f"another command restores into {home}: wait for its end")
        mark = home / _MARK
        data = {mark.name, *_DATA} if mark.exists() else set()
        others = sorted(path.name for path in home.iterdir() if path.name not in {*_BESIDE, *data})
        if others:
            raise NotEmptyError(f"{home} is not empty ({', '.join(others[:5])}): restore into a new GOODWORD_HOME")
        if data:
            await (await embedded.ensure(home)).stop()  # it may run on
            shutil.rmtree(data_folder(home))
        mark.write_text(str(dump.RestoringError("this home")))
        server = await embedded.ensure(home)
        try:
            yield server.dsn
        except BaseException:
            await server.stop()
            shutil.rmtree(data_folder(home), ignore_errors=True)
            mark.unlink()
            raise
        await server.stop()
        mark.unlink()


def restoring_vault(settings: Settings, master: bytes) -> Vault:
    """Return the vault that an archive is checked with, which the master key of this id sealed. Raises MasterKeyError."""
    if settings.master_key is not None:
        return Vault(MasterKey(settings.master_key), *map(MasterKey, settings.previous_master_keys))
    return Vault(MasterKey.load(settings.home, [master]), *MasterKey.previous(settings.home))


async def open_vault(settings: Settings, pool: asyncpg.Pool) -> Vault:
    """Return the vault under the settings' master key, which opens the workspaces' keys. Raises MasterKeyError.

    Without the setting the key is a file in the home. It is made only while nothing in the database is wrapped, or all that is
    under the previous key, which is a rotation.
    """
    if settings.master_key is not None:
        vault = Vault(MasterKey(settings.master_key), *map(MasterKey, settings.previous_master_keys))
    else:
        # Asked before the file is looked for: whoever makes it at the same time wraps nothing until it is there.
        async with pool.acquire() as conn:
            masters = await workspaces.masters(conn)
        previous = MasterKey.previous(settings.home)
        needed = masters.keys() - {key.id for key in previous}
        vault = Vault(MasterKey.load(settings.home, needed), *previous)
    async with pool.acquire() as conn:
        await keys.opens(conn, vault)
    return vault


@asynccontextmanager
async def opened(
    settings: Settings, *, serve: bool = False, as_it_is: bool = False, whole: bool = True
) -> AsyncIterator[tuple[Directory, str]]:
    """Yield the directory of an installation, and the database's address as its owner. Raises MasterKeyError.

    ``serve``: with read-only connections of their own for reads; ``as_it_is``: not migrated, to look at it;
    ``whole``: see ``server``.
    """
    async with (server if as_it_is else database)(settings, whole=whole) as (dsn, owner), AsyncExitStack() as stack:
        pool = await open_pool(dsn)
        stack.push_async_callback(pool.close)
        readers = await open_pool(dsn, read_only=True) if serve else None
        if readers is not None:
            stack.push_async_callback(readers.close)
        engine, vault = Engine(pool, url=settings.url), await open_vault(settings, pool)
        erasures = settings.home / ERASURES
        post = Post(Server(**settings.smtp._asdict())) if settings.smtp is not None else None
        yield (
            Directory(
                engine,
                vault,
                readers,
                erasures=erasures,
                alone_up_to=settings.alone_up_to,
                post=post,
                dsn=dsn,
                loopback=settings.webhooks_loopback,
            ),
            owner,
        )


@asynccontextmanager
async def running(settings: Settings, *, work: bool = True) -> AsyncIterator[Goodword]:
    """Run an installation until the block ends; with ``work`` its worker too. What was accepted is stored by then."""
    from goodword import api, console, manual, portal  # noqa: PLC0415 - half a second, which no command but a server's waits for
    from goodword.app.follow import webhooks  # noqa: PLC0415 - likewise
    from goodword.outbound.fetching import Fetcher  # noqa: PLC0415 - likewise
    from goodword.outbound.webhooks import Sender  # noqa: PLC0415 - likewise

    async with opened(settings, serve=True) as (directory, owner):
        engine = directory.engine
        waiting = Waiting(engine, look=_LOOK if work else _LOOK_OFTEN)
        sender = Sender(loopback=settings.webhooks_loopback)
        fetcher = Fetcher()
        named = Fetcher(loopback=settings.webhooks_loopback, connections=_NAMED_AT_ONCE)
        rails = make_rails(settings.home, Ways(named, fetcher, settings.apis))
        rejections = Rejections(engine)
        ingest = Ingest(engine, directory.vault, lambda ws: worker.wake(ws))  # noqa: PLW0108 - it is made below
        fetches = fetching.Ways(fetcher, ingest, rejections, settings.apis, SilenceError)
        kinds = {
            **payouts.kinds(directory, rails),
            **schedules.kinds(directory),
            **search.kinds(directory),
            **resending.kinds(directory),
            **fetching.kinds(directory, fetches),
            **crm.kinds(directory, crm.Ways(fetcher, settings.apis, SilenceError)),
            **staff_mail.kinds(directory),
            **portal_mail.kinds(directory),
            **payee_mail.kinds(directory),
            **looks.kinds(directory),
            **messages.kinds(directory),
        }
        deliver = partial(webhooks.deliver, directory, sender)
        mail = partial(staff_mail.look, directory, settings.digest_at)
        watch = partial(feeds.watch, directory)
        worker = Worker(engine, directory.vault, kinds, owner, waiting.told, deliver, (mail, watch))
        deliveries = Deliveries(engine)
        keeping = Keeping(engine)
        clicks, views = Clicks(engine, deliveries), Views(engine)
        links = Links(engine, directory.workspace, settings.home / "edge")
        health = Health(directory, bounds(settings))
        metrics = Metrics(health, settings.metrics_token)
        operations = api.build(directory, published())
        file = console.StaticFiles().address
        books = console.Guarded(manual.build(operations.document, lambda: engine.url, file))
        partners = console.Guarded(portal.build(directory, file, links, views))
        edge = Edge(
            clock=engine.clock,
            ingest=ingest,
            waiting=waiting,
            look_up=_look_up(directory),
            links=links,
            clicks=clicks,
            quota=Quota(engine.clock, Rates(settings.page_rate, settings.page_key_rate)),
            troubles=health.troubles,
            inner=_rooms(console.build(directory), partners, books, operations),
            metrics=metrics,
            rejections=rejections,
            connections=_connections(directory),
            deliveries=deliveries,
            mappings=Mappings(engine),
            keeping=keeping,
            address=lambda: engine.url,
        )
        app = metrics.watched = Watched(edge, engine.clock)
        working = asyncio.create_task(worker.run()) if work else None
        try:
            yield Goodword(settings, owner, directory, worker, rails, app, health)
        finally:
            for each in (ingest, clicks, rejections, deliveries, views, keeping):
                await each.drain()
            links.save()
            await directory.checks.stop()
            worker.stop()
            if working is not None:
                await working
            await sender.close()
            await fetcher.close()
            await named.close()


@asynccontextmanager
async def serving(goodword: Goodword, host: str, port: int) -> AsyncIterator[str]:
    """Serve HTTP while the block runs; yields the address that it listens on. Port 0 takes a free one. Raises OSError if it is taken.

    Without a public address in the settings, that is what people are given too.
    """
    config = uvicorn.Config(
        goodword.app,
        host=host,
        port=port,
        lifespan="off",
        http=Protocol,
        ws="none",
        log_level="warning",
        log_config=None,  # goodword/telemetry.py says how
        access_log=False,
        timeout_keep_alive=_IDLE,
        proxy_headers=bool(goodword.settings.trusted_proxies),
        forwarded_allow_ips=list(goodword.settings.trusted_proxies),
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=int(_ENDS_WITHIN),
    )
    socket = create_server((host, port), family=AF_INET6 if ":" in host else AF_INET, backlog=_BACKLOG)
    # Connections have it from here: else asyncio's loop, without uvloop, keeps a body back until its head was acknowledged, 40 ms.
    socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    server = _Server(config)
    task = asyncio.create_task(server.serve([socket]))
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        if task.done():
            await task
            raise OSError("the HTTP server did not start")
        name, bound = socket.getsockname()[:2]
        url = f"http://{f'[{name}]' if ':' in name else name}:{bound}"
        if not goodword.settings.public:
            goodword.engine.url = url
        yield url
    finally:
        goodword.engine.live.stop()
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _rooms(pages: ASGIApp, partners: ASGIApp, books: ASGIApp, api: ASGIApp) -> App:
    """Return what gives the console, the portal and the documentation what is theirs, and the API the rest."""

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == "/console" or path.startswith("/console/"):
            await pages(scope, receive, send)
        elif path == "/portal" or path.startswith(("/portal/", "/f/")) or (path.startswith("/w/") and "/f/" in path):
            await partners(scope, receive, send)
        elif path in ("/docs", "/llms.txt") or path.startswith("/docs/"):
            await books(scope, receive, send)
        else:
            await api(scope, receive, send)

    return cast("App", inner)  # the same protocol, typed more loosely


def bounds(settings: Settings) -> Bounds:
    """Return the bounds of health that the settings name."""
    folders = [settings.home]
    if settings.database_url is None:
        folders.append(data_folder(settings.home))
    return Bounds(lag=settings.ready_lag, free=settings.ready_disk << 20, folders=folders)


def _connections(directory: Directory) -> Connections:
    async def connection(source: str, ws: str) -> Connection | None:
        found = await directory.hooks(source, ws)
        return None if found is None else Connection(*found)

    return connection


def _look_up(directory: Directory) -> LookUp:
    async def look_up(hashed: bytes) -> Caller | None:
        holder = await directory.key(hashed)
        return Caller(hashed, holder[0].kind, holder[1], holder[0].id) if holder else None

    return look_up
