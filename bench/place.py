"""What the works run on: an embedded PostgreSQL in a temporary home, and ``goodword serve`` as a process of its own."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import cpu
import httpx
from programs import HOST, free_port, run, running, serves

from goodword.store.embedded import Embedded, ensure

_ROOT = Path(__file__).resolve().parent.parent
_POLL = 0.005
_PROFILED = Path(__file__).resolve().with_name("profiled.py")
COMMAND = "goodword serve"


class Server:
    """A running ``goodword serve``."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.pid = process.pid
        self.port = port
        self.url = f"http://{HOST}:{port}"

    def spent(self) -> float:
        """Give the processor seconds that it took so far."""
        return cpu.seconds(self.pid)


class Place:
    """A database and the server on it. ``database``: a connection beside the server's, to see what is committed.

    ``postmaster``: the process that all of PostgreSQL's belong to.
    """

    def __init__(self, home: Path, embedded: Embedded, database: asyncpg.Connection, postmaster: int) -> None:
        self.home = home
        self.embedded = embedded
        self.database = database
        self.postmaster = postmaster

    def postgres(self) -> float:
        """Give the processor seconds that PostgreSQL took so far."""
        return cpu.seconds(self.postmaster)

    @asynccontextmanager
    async def serve(self, profile: Path | None = None) -> AsyncIterator[Server]:
        """Run the server; with ``profile`` so that signals have it write where its time goes into that file."""
        port, log = free_port(), self.home / "serve.log"
        program = [str(_PROFILED), str(profile)] if profile else ["-m", "goodword"]
        arguments = [sys.executable, *program, "serve"]
        with running(arguments, self._environment(port), log, _ROOT) as process:
            async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}") as client:
                await serves(process, log, lambda: ready(client))
            yield Server(process, port)

    async def goodword(self, *arguments: str) -> Any:
        """Run a command with ``--json`` and give what it says."""
        return json.loads(
            await run([sys.executable, "-m", "goodword", *arguments, "--json"], self._environment(0), _ROOT)
        )

    def _environment(self, port: int) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, "GOODWORD_HOME": str(self.home), "GOODWORD_HOST": HOST, "GOODWORD_PORT": str(port)}

    async def decided(self, workspace: str) -> None:
        """Return when nothing waits to be decided."""
        waits = """select exists (select from event
                   where workspace_id = $1 and position is null and waits_for is null)"""
        while await self.database.fetchval(waits, workspace):  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(_POLL)


async def ready(client: httpx.AsyncClient) -> bool:
    """Tell whether the server says that it is ready."""
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@contextmanager
def folder() -> Iterator[Path]:
    """Give a temporary folder that the database's own user can reach into when root runs this."""
    home = Path(tempfile.mkdtemp(prefix="goodword-bench-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """Give a place of its own with an empty database; everything is gone afterwards."""
    with folder() as home:
        embedded = await ensure(home)
        try:
            database = await asyncpg.connect(embedded.dsn)
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                if await database.fetchval(f"show {name}") != "on":
                    raise RuntimeError(f"{name} is off: nothing measured here would count")
            yield Place(home, embedded, database, cpu.parent(await database.fetchval("select pg_backend_pid()")))
            await database.close()
        finally:
            await embedded.stop()
