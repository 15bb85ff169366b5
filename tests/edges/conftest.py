"""An edge in a thread of its own, over real HTTP and a fresh database, and what a test needs to look behind it."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
import uvicorn

from goodword.app.engine import Engine
from goodword.app.intake.clicks import Clicks
from goodword.app.intake.ingest import Ingest
from goodword.app.intake.links import Links
from goodword.app.intake.waiting import Waiting
from goodword.core import events
from goodword.edge import Edge
from goodword.edge.keys import Caller
from goodword.edge.web import Receive, Scope, Send, reply_problem
from goodword.store import workspaces
from goodword.store.api_keys import Kind
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.store.workspaces import Workspace

_STARTS_WITHIN = 30


async def inner(_: Scope, __: Receive, send: Send) -> None:
    await reply_problem(send, 404, "inner", "This is the inner application.")


class Served:
    """A workspace behind an edge. ``run`` runs a coroutine in the edge's own loop."""

    def __init__(self, database: str, folder: Path, like: "Served | None" = None) -> None:
        self.database = database
        self.folder = folder
        self.vault = like.vault if like else Vault(MasterKey(new_key()))
        self.workspace: Workspace | None = like.workspace if like else None
        self.keys = dict(like.keys) if like else {}
        self.url = ""

    async def start(self) -> None:
        """Open the pool, make the workspace unless another edge has, and put the edge together."""
        self.loop = asyncio.get_running_loop()
        self.pool = await open_pool(self.database)
        if self.workspace is None:
            async with self.pool.acquire() as connection:
                await self.make_workspace(connection, "real")
        self.engine = Engine(self.pool)
        self.ingest = Ingest(self.engine, self.vault)
        self.links = Links(self.engine, self._find_workspace, self.folder)
        self.clicks = Clicks(self.engine)
        self.edge = Edge(
            clock=self.engine.clock,
            ingest=self.ingest,
            waiting=Waiting(self.engine, look=0.01),
            look_up=self._look_up,
            links=self.links,
            clicks=self.clicks,
            troubles=self._troubles,
            inner=inner,
        )

    async def make_workspace(self, connection: asyncpg.Connection, clock: str, starts_at: int | None = None) -> None:
        """Make the workspace that is sent to from now on, with a key of each kind."""
        self.workspace = await workspaces.create(connection, self.vault, "test", "sandbox", clock, 1, starts_at)
        for kind in ("sk", "wk", "pk", "mk"):
            _, self.keys[kind] = await workspaces.add_key(connection, self.workspace.id, kind, "sandbox", 1)

    @property
    def ws(self) -> str:
        """The workspace's id."""
        assert self.workspace
        return self.workspace.id

    async def _find_workspace(self, id_: str) -> Workspace | None:
        async with self.pool.acquire() as connection:
            return await workspaces.find(connection, self.vault, id_)

    async def _look_up(self, hashed: bytes) -> Caller | None:
        async with self.pool.acquire() as connection:
            row = await workspaces.key_of(connection, hashed)
            found = await workspaces.find(connection, self.vault, row.workspace_id) if row else None
        return Caller(hashed, row.kind, found) if row and found else None

    async def _troubles(self) -> list[str]:
        return [] if await self.pool.fetchval("select true") else ["no database"]

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the edge's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def client(self, kind: Kind | None = "wk") -> httpx.Client:
        """Return an HTTP client with a key of that kind."""
        headers = {"authorization": f"Bearer {self.keys[kind]}"} if kind else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Read through a connection of its own: what another process would see at this instant."""

        async def read() -> list[Any]:
            connection = await asyncpg.connect(self.database)
            try:
                return [tuple(row) for row in await connection.fetch(sql, *values)]
            finally:
                await connection.close()

        return asyncio.run(read())

    def execute(self, sql: str) -> None:
        """Run a statement as the owner of the database."""

        async def run() -> None:
            connection = await asyncpg.connect(self.database)
            try:
                await connection.execute(sql)
            finally:
                await connection.close()

        asyncio.run(run())

    def stored(self) -> list[events.Event]:
        """Return all events that wait to be decided, in order of acceptance."""
        rows = self.rows("select body from undecided order by evt")
        return [msgspec.json.decode(row[0], type=events.AnyEvent) for row in rows]

    def send(self, *items: dict[str, Any], kind: Kind = "wk") -> list[dict[str, Any]]:
        """Send events and give the answers."""
        with self.client(kind) as client:
            response = client.post("/v1/events", json=list(items))
        assert response.status_code == 202, response.text
        answers: list[dict[str, Any]] = response.json()["items"]
        return answers


@pytest.fixture
def served(database: str, tmp_path: Path) -> Iterator[Served]:
    """Yield an edge that serves."""
    it = Served(database, tmp_path / "edge")
    with serving(it):
        yield it


class serving:  # noqa: N801 - reads as a verb
    """Serves an edge while the block runs."""

    def __init__(self, it: Served) -> None:
        self._it = it
        self._server: uvicorn.Server | None = None
        self._ready = threading.Event()

    def __enter__(self) -> Served:
        self._thread = threading.Thread(target=asyncio.run, args=[self._serve()])
        self._thread.start()
        assert self._ready.wait(_STARTS_WITHIN), "the edge did not start"
        return self._it

    def __exit__(self, *_: object) -> None:
        assert self._server
        self._server.should_exit = True
        self._thread.join()

    async def _serve(self) -> None:
        await self._it.start()
        config = uvicorn.Config(
            self._it.edge, host="127.0.0.1", port=0, lifespan="off", log_level="warning", access_log=False
        )
        self._server = uvicorn.Server(config)
        serving_ = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self._it.url = f"http://127.0.0.1:{port}"
        self._ready.set()
        await serving_
        await self._it.ingest.drain()
        await self._it.clicks.drain()
        self._it.links.save()
        await self._it.pool.close()
