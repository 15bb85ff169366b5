"""An edge in a thread of its own, over real HTTP and a fresh database, and what a test needs to look behind it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from testkit.database import rows, run
from testkit.process import Process, in_a_thread

from goodword import wiring
from goodword.core import events
from goodword.settings import read
from goodword.store import workspaces
from goodword.store.api_keys import Kind
from goodword.store.pool import open_pool
from goodword.store.vault import MasterKey, Vault, new_key
from goodword.store.workspaces import Workspace


class Served(Process):
    """A workspace behind an edge. ``run`` runs a coroutine in the edge's own loop."""

    def __init__(self, database: str, folder: Path, like: "Served | None" = None) -> None:
        self.database = database
        self.folder = folder
        self.vault = like.vault if like else Vault(MasterKey(new_key()))
        self.workspace: Workspace | None = like.workspace if like else None
        self.keys = dict(like.keys) if like else {}
        self.url = ""
        self.settings = read({"GOODWORD_HOME": str(folder)})

    @contextlib.asynccontextmanager
    async def started(self) -> AsyncIterator["Served"]:
        """Open the pool, make the workspace unless another edge has, put the edge together and serve it."""
        self.loop = asyncio.get_running_loop()
        async with await open_pool(self.database) as pool:
            super().__init__(pool, self.vault, self.folder)
            self.app = self.edge
            if self.workspace is None:
                async with pool.acquire() as connection:
                    await self.make_workspace(connection, "real")
            async with wiring.serving(self, "127.0.0.1", 0) as self.url:
                yield self
            await self.drain()

    async def make_workspace(self, connection: asyncpg.Connection, clock: str, starts_at: int | None = None) -> None:
        """Make the workspace that is sent to from now on, with a key of each kind."""
        self.workspace = await workspaces.create(connection, self.vault, "test", "sandbox", clock, 1, starts_at)
        for kind in ("sk", "wk", "pk", "mk"):
            key = workspaces.new_key_of(kind, "sandbox", 1)
            await workspaces.add_key(connection, self.workspace.id, key)
            self.keys[kind] = key.text

    @property
    def ws(self) -> str:
        """The workspace's id."""
        assert self.workspace
        return self.workspace.id

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the edge's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)

    def client(self, kind: Kind | None = "wk") -> httpx.Client:
        """Return an HTTP client with a key of that kind."""
        headers = {"authorization": f"Bearer {self.keys[kind]}"} if kind else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Read through a connection of its own: what another process would see at this instant."""
        return rows(self.database, sql, *values)

    def execute(self, sql: str) -> None:
        """Run a statement as the owner of the database."""
        asyncio.run(run(self.database, sql))

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
    with serving(Served(database, tmp_path / "edge")) as it:
        yield it


def serving(it: Served) -> contextlib.AbstractContextManager[Served]:
    """Serve an edge while the block runs."""
    return in_a_thread(it.started())
