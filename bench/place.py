"""What the works run on: an embedded PostgreSQL in a temporary home, and ``goodword serve`` as a process of its own."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import cpu
import httpx

from goodword.store.embedded import Embedded, serving

HOST = "127.0.0.1"
_ROOT = Path(__file__).resolve().parent.parent
_PATIENCE = 60.0
_POLL = 0.01


class Place:
    """A running server with its database. ``database``: a connection beside the server's own, to see what is committed."""

    def __init__(self, home: Path, embedded: Embedded, server: subprocess.Popen[bytes], port: int) -> None:
        self.home = home
        self.embedded = embedded
        self.server = server
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.database: asyncpg.Connection = None
        self._postmaster = 0

    async def open(self) -> None:
        """Connect, and find the process that all of PostgreSQL's belong to."""
        self.database = await asyncpg.connect(self.embedded.dsn)
        self._postmaster = cpu.parent(await self.database.fetchval("select pg_backend_pid()"))
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if await self.database.fetchval(f"show {name}") != "on":
                raise RuntimeError(f"{name} is off: nothing measured here would count")

    def spent(self) -> tuple[float, float]:
        """Give the seconds of processor time that our server and PostgreSQL took so far."""
        return cpu.seconds(self.server.pid), cpu.seconds(self._postmaster)

    def goodword(self, *arguments: str) -> Any:
        """Run a command with ``--json`` and give what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "goodword", *arguments, "--json"],
            env=_environment(self.home, self.port),
            capture_output=True,
            check=False,
            cwd=_ROOT,
        )
        if done.returncode:
            raise RuntimeError(f"goodword {' '.join(arguments)} failed: {done.stderr.decode()}")
        return json.loads(done.stdout)

    async def decided(self, workspace: str) -> None:
        """Return when nothing waits to be decided."""
        waits = """select exists (select from event
                   where workspace_id = $1 and position is null and waits_for is null)"""
        while await self.database.fetchval(waits, workspace):  # noqa: ASYNC110 - another process decides
            await asyncio.sleep(_POLL)


@contextmanager
def place() -> Iterator[Place]:
    """Give a place of its own; everything is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="goodword-bench-"))
    home.chmod(0o711)  # so that the server's user can reach its folder when root runs this
    try:
        with serving(home) as embedded, _server(home) as (server, port):
            yield Place(home, embedded, server, port)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _server(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    with (home / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, *_profiled(), "-m", "goodword", "serve"],
            env=_environment(home, port),
            stdout=log,
            stderr=log,
            cwd=_ROOT,
        )
    try:
        _wait(server, port, home / "serve.log")
        yield server, port
    finally:
        server.terminate()
        server.wait()


def _profiled() -> list[str]:
    """PROFILE=file has the server run under cProfile; what it costs is then no longer what it costs."""
    return ["-m", "cProfile", "-o", os.environ["PROFILE"]] if os.environ.get("PROFILE") else []


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    late = time.monotonic() + _PATIENCE
    while True:
        try:
            if httpx.get(f"http://{HOST}:{port}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        if server.poll() is not None or time.monotonic() > late:
            raise RuntimeError(f"the server does not serve: {log.read_text()[-4000:]}")
        time.sleep(0.05)


def _environment(home: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "GOODWORD_HOME": str(home), "GOODWORD_HOST": HOST, "GOODWORD_PORT": str(port)}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
