"""What the works run on: an embedded PostgreSQL in a temporary home, and ``goodword serve`` as a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import cpu
import httpx
import psutil
from programs import HERE, run, running, serves
from testkit.database import temporary_home
from testkit.product import HOST, ROOT, Product, free_port

from goodword.store.embedded import Embedded, ensure

_POLL = 0.01
_PROFILED = Path(__file__).resolve().with_name("profiled.py")
COMMAND = "goodword serve"


class Server:
    """A running ``goodword serve``."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.pid = process.pid
        self.port = port
        self.url = f"http://{HOST}:{port}"

    def spent(self) -> float:
        """Return the processor seconds that it took so far."""
        return cpu.seconds(self.pid)


class Program(NamedTuple):
    """A checkout of the product and the Python that has it installed."""

    python: str
    root: Path


THIS = Program(sys.executable, ROOT)


class Home(Product):
    """A GOODWORD_HOME: what can be run on it, by this checkout or another one."""

    def __init__(self, home: Path, program: Program = THIS) -> None:
        super().__init__(home)
        self.program = program

    @asynccontextmanager
    async def serve(self, *arguments: str, profile: Path | None = None) -> AsyncIterator[Server]:
        """Run the server until it is ready; with ``profile`` so that signals have it write there where its time goes."""
        port, log = free_port(), self.home / "serve.log"
        program = [str(_PROFILED), str(profile)] if profile else ["-m", "goodword"]
        command = [self.program.python, *program, "serve", *arguments]
        with running(command, self.environment(GOODWORD_PORT=str(port)), log, self.program.root) as process:
            async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
                path = "/healthz" if "--no-worker" in arguments else "/readyz"  # ready means that somebody decides, too
                await serves(process, log, lambda: answers(client, path))
            yield Server(process, port)

    @contextmanager
    def work(self) -> Iterator[int]:
        """Run a worker; returns its process."""
        arguments = [self.program.python, "-m", "goodword", "worker"]
        with running(arguments, self.environment(), self.home / "worker.log", self.program.root) as process:
            yield process.pid

    async def goodword(self, *arguments: str) -> Any:
        """Run a command with ``--json`` and give what it says."""
        arguments = (self.program.python, "-m", "goodword", *arguments, "--json")
        return json.loads(await run(arguments, self.environment(), self.program.root))

    async def filled(self, name: str, what: str, size: int) -> tuple[dict[str, Any], float]:
        """Make a workspace with a history, see filling.py; returns it and the seconds that deciding and copying took."""
        space: dict[str, Any] = await self.goodword(
            "workspace", "create", name, "--mode", "sandbox", "--owner", "owner@example.com"
        )
        script: list[str | Path] = [sys.executable, HERE / "filling.py", self.home, space["id"], what, str(size)]
        return space, json.loads(await run(script, dict(os.environ)))["seconds"]


class Place(Home):
    """A home with its database. ``database``: a connection beside the server's own, to see what is committed.

    ``postmaster``: the process that all of PostgreSQL's belong to.
    """

    def __init__(
        self, home: Path, embedded: Embedded, database: asyncpg.Connection, postmaster: int, program: Program = THIS
    ) -> None:
        super().__init__(home, program)
        self.embedded = embedded
        self.database = database
        self.postmaster = postmaster

    def postgres(self) -> float:
        """Return the processor seconds that PostgreSQL took so far."""
        return cpu.seconds(self.postmaster)

    async def decided(self, *spaces: str, entries: int = 0) -> None:
        """Return when nothing of these workspaces waits to be decided.

        ``entries``: how many their logs have by then at least, if that is known: before, what waits need not be asked for, which
        is an index full of what waited once.
        """
        waits = "select exists (select from undecided where workspace_id = any($1) and waits_for is null)"
        size, before = await self.size(*spaces), -1
        while size < entries or size != before or await self.database.fetchval(waits, spaces):
            await asyncio.sleep(_POLL)
            size, before = await self.size(*spaces), size

    async def size(self, *spaces: str) -> int:
        """Return how many entries the logs of these workspaces have."""
        found = await self.database.fetchval("select sum(position) from stream where workspace_id = any($1)", spaces)
        return int(found)


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    if kept is None:
        with temporary_home() as home:
            yield home
    else:
        kept.mkdir(mode=0o711, parents=True, exist_ok=True)
        yield kept


@asynccontextmanager
async def connected(home: Path, embedded: Embedded, program: Program = THIS) -> AsyncIterator[Place]:
    """Yield the place of a database that runs."""
    database = await asyncpg.connect(embedded.dsn)
    try:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if await database.fetchval(f"show {name}") != "on":
                raise RuntimeError(f"{name} is off: nothing measured here would count")
        postmaster = psutil.Process(await database.fetchval("select pg_backend_pid()")).ppid()
        yield Place(home, embedded, database, postmaster, program)
    finally:
        await database.close(timeout=5)


async def answers(client: httpx.AsyncClient, path: str) -> bool:
    """Return whether the server says yes."""
    try:
        return (await client.get(path)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@asynccontextmanager
async def place(program: Program = THIS, kept: Path | None = None) -> AsyncIterator[Place]:
    """Yield a place of its own with an empty database; everything is gone afterwards, unless it is ``kept`` in that folder."""
    with _home(kept) as home:
        embedded = await ensure(home)
        try:
            async with connected(home, embedded, program) as found:
                yield found
        finally:
            await embedded.stop()
