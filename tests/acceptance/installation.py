"""A whole installation as an operator has it: the server and a worker as processes, on an embedded PostgreSQL of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from goodword.store.embedded import Embedded
from goodword.store.embedded_place import find_place

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
COMMAND = (sys.executable, "-m", "goodword")
_PATIENCE = 60.0
_SEPARATE = ("DATABASE_URL", "DATABASE_ADMIN_URL")


class Installation:
    """A home folder and the processes on it, by the name of their command: ``serve``, ``worker``."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.place = find_place(home)
        self.dsn = Embedded(self.place).dsn
        self.port = _free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    # --- processes ---

    def start(self, name: str) -> None:
        """Start a process; does not wait until it is ready."""
        with (self.home / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [*COMMAND, name], env=self._environment(), stdout=log, stderr=log, cwd=ROOT
            )

    def kill(self, name: str) -> None:
        """End a process at once, as the kernel does when memory runs out."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def end(self, name: str) -> None:
        """End a process in order."""
        process = self._processes.pop(name)
        process.terminate()
        process.wait(_PATIENCE)

    def kill_postgres(self) -> None:
        """End every process of the database at once."""
        with contextlib.suppress(FileNotFoundError):
            postmaster = int((self.place.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
            for pid in [postmaster, *_children(postmaster)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End everything in order; the database ends with the last process that holds it."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(_PATIENCE)
        self.kill_postgres()

    def ready(self) -> None:
        """Return when the server answers that it is ready."""
        late = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK:
                    return
            for name, process in self._processes.items():
                assert process.poll() is None, f"{name} ended: {self.said(name)}"
            assert time.monotonic() < late, f"the server does not get ready: {self.said('serve')}"
            time.sleep(0.05)

    def said(self, name: str) -> str:
        """Return the end of what a process wrote."""
        return (self.home / f"{name}.log").read_text()[-4000:]

    # --- use ---

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [*COMMAND, *arguments]
        return subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
        )

    def made(self, *arguments: str) -> Any:
        """Run a command that must succeed and give the JSON that it prints."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return msgspec.json.decode(done.stdout)

    def client(self, key: str) -> httpx.AsyncClient:
        """Return a client with a key."""
        return httpx.AsyncClient(base_url=self.url, headers={"authorization": f"Bearer {key}"}, timeout=10)

    async def connect(self) -> asyncpg.Connection:
        """Connect to the database, as soon as it takes connections again."""
        late = time.monotonic() + _PATIENCE
        while True:
            try:
                return await asyncpg.connect(self.dsn)
            except (OSError, asyncpg.PostgresError):
                assert time.monotonic() < late, "the database does not come back"
                time.sleep(0.05)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _SEPARATE}
        return {**kept, "GOODWORD_HOME": str(self.home), "GOODWORD_HOST": HOST, "GOODWORD_PORT": str(self.port)}


@contextlib.contextmanager
def installed() -> Iterator[Installation]:
    """Yield an installation that serves, with a worker beside it; nothing of it is left afterwards."""
    home = Path(tempfile.mkdtemp(prefix="goodword-test-"))
    home.chmod(0o711)  # so that the server's user can reach its folder when root runs the tests
    installation = Installation(home)
    try:
        installation.start("serve")
        installation.ready()
        installation.start("worker")
        yield installation
    finally:
        installation.stop()
        shutil.rmtree(home, ignore_errors=True)


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.name))
    return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
