"""A whole installation over real HTTP, on a fresh database: the edge, the API and the worker."""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from testkit import rule_documents
from testkit.api import Api as OverHttp
from testkit.process import in_a_thread, product
from testkit.product import Product

from goodword.app import see
from goodword.app.principal import OPERATOR
from goodword.app.say.changes import decide
from goodword.app.say.workspaces import Created, create
from goodword.core import calendar
from goodword.wiring import Goodword, serving

MASTER_KEY = "17" * 32
STARTS_AT = "2026-03-02T09:00:00Z"
RULES = rule_documents.text("sandbox")


class Api(OverHttp):
    """A sandbox with a manual clock at STARTS_AT, served by this process."""

    loop: asyncio.AbstractEventLoop

    def __init__(self, goodword: Goodword, url: str, made: Created) -> None:
        super().__init__(url, structs.asdict(made))
        self.goodword = goodword

    def member(self, name: str, *roles: str, limits: dict[str, int] | None = None) -> str:
        """Add a member whom the holder of the database confirms: a second person for everybody."""
        added = super().member(name, *roles, limits=limits)
        self.confirm()
        return added

    def confirm(self) -> None:
        """Confirm what waits for a second person, as the holder of the database."""
        workspace = self.run(self.goodword.directory.workspace(self.ws))
        who, directory = OPERATOR.at(workspace), self.goodword.directory
        for change in self.run(see.changes.page(who, directory, status="open")).items:
            self.run(decide(who, directory, change.id, "confirmed"))

    def due(self, kind: str) -> None:
        """Let jobs of a kind be due now that wait for later: those in hand first come to their end, which sets when they are due."""
        mine = "kind = $1 and done_at is null"
        query = f"select 1 from job where {mine} and leased_until is not null limit 1"
        self.until(lambda: not self.run(self.goodword.pool.fetch(query, kind)))
        self.run(self.goodword.pool.execute(f"update job set due_at = 0 where {mine} and leased_until is null", kind))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read behind the server's back; ``$1`` is the workspace."""
        return [tuple(row) for row in self.run(self.goodword.pool.fetch(sql, self.ws))]

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


@contextlib.asynccontextmanager
async def installed(database: str, home: Path, **settings: str) -> AsyncIterator[Api]:
    """Yield an installation that serves, with a sandbox whose clock is manual. ``settings``: what else is set."""
    running = product(database, home, MASTER_KEY, work=True, **settings)
    async with running as goodword, serving(goodword, "127.0.0.1", 0) as url:
        owner, starts_at = "olga@shop.example", calendar.parse(STARTS_AT)
        made = await create(OPERATOR, goodword.directory, "test", owner, clock="manual", starts_at=starts_at)
        it = Api(goodword, url, made)
        it.loop = asyncio.get_running_loop()
        yield it


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def api(database: str, tmp_path: Path) -> Iterator[Api]:
    """Yield an installation that serves, with a published program."""
    with in_a_thread(installed(database, tmp_path)) as it, it.http:
        it.say("owner", "/v1/programs", {"document": RULES})
        yield it


@pytest.fixture
def goodword(api: Api, database: str, tmp_path: Path) -> Command:  # noqa: ARG001 - it is what serves
    """Return what runs a command on the database that ``api`` serves, in the folder of the test."""
    return Product(tmp_path / "home", DATABASE_URL=database, GOODWORD_MASTER_KEY=MASTER_KEY).run
