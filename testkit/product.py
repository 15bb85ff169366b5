"""The product as an operator has it: its commands run to their end, and the server and a worker as processes on a home."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec

from goodword.store.embedded import Embedded
from goodword.store.embedded_place import find_place
from testkit.database import temporary_home
from testkit.waiting import until

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
_PATIENCE = 60.0


class Product:
    """The commands on a home. ``settings``: what the environment says besides.

    Of ours only the master key of this process is taken, where there is a database that it belongs to.
    """

    def __init__(self, home: Path, **settings: str) -> None:
        if "DATABASE_URL" in settings:
            settings = {"GOODWORD_MASTER_KEY": os.environ["GOODWORD_MASTER_KEY"], **settings}
        self.home = home
        self.folder = home.parent
        self.settings = {"GOODWORD_HOME": str(home), "GOODWORD_HOST": HOST, "GOODWORD_PORT": "0", **settings}

    def environment(self, **settings: str) -> dict[str, str]:
        """Return the environment of a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOODWORD_", "DATABASE_"))}
        return {**kept, **self.settings, **settings}

    def run(self, *arguments: str, typed: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. ``typed``: its standard input."""
        env = self.environment(**settings)
        return python("-m", "goodword", *arguments, env=env, cwd=self.folder, typed=typed)

    def said(self, *arguments: str, **settings: str) -> str:
        """Run a command that must succeed; returns what it prints."""
        done = self.run(*arguments, **settings)
        assert done.returncode == 0, done.stdout[-1_000:] + done.stderr[-2_000:]
        return done.stdout

    @contextlib.contextmanager
    def printing(self, *arguments: str, stderr: int | None = None) -> Iterator[subprocess.Popen[str]]:
        """Yield a command that runs, for who reads what it prints; then it is interrupted, and must end in order."""
        command, env = [sys.executable, "-m", "goodword", *arguments], self.environment()
        with subprocess.Popen(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGINT)
                assert process.wait(_PATIENCE) == 0

    def made(self, *arguments: str, **settings: str) -> Any:
        """Run a command that must succeed and give the JSON that it prints."""
        return msgspec.json.decode(self.said(*arguments, "--json", **settings))


class Installation(Product):
    """A home and the processes on it, by the name of their command: ``serve``, ``worker``."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.port = free_port()
        super().__init__(home, GOODWORD_PORT=str(self.port), **settings)
        self.place = find_place(home)
        self.dsn = settings.get("DATABASE_URL") or Embedded(self.place).dsn
        self.url = f"http://{HOST}:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start a process; does not wait until it is ready."""
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "goodword", name], env=self.environment(), stdout=log, stderr=log, cwd=ROOT
            )

    def kill(self, name: str) -> None:
        """End a process at once, as the kernel does when memory runs out."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def end(self, name: str) -> None:
        """End a process in order."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(_PATIENCE)

    def kill_postgres(self) -> None:
        """End every process of the database at once."""
        with contextlib.suppress(FileNotFoundError):
            postmaster = postmaster_of(self.place.folder)
            for pid in [postmaster, *_children(postmaster)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End everything in order; the database ends with the last process that holds it."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(_PATIENCE)
        self.kill_postgres()

    def ready(self) -> None:
        """Return when the server answers that it is ready."""

        def answers() -> bool:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended: {self.told(name)}"
            with contextlib.suppress(httpx.TransportError):
                return httpx.get(f"{self.url}/readyz", timeout=5).status_code == httpx.codes.OK
            return False

        until(answers, said=lambda: f"the server does not get ready: {self.told('serve')}", patience=_PATIENCE)

    def told(self, name: str) -> str:
        """Return the end of what a process wrote."""
        return (self.home / f"{name}.log").read_text()[-4_000:]

    def client(self, key: str) -> httpx.AsyncClient:
        """Return a client with a key."""
        return httpx.AsyncClient(base_url=self.url, headers={"authorization": f"Bearer {key}"}, timeout=10)


@contextlib.contextmanager
def installed(**settings: str) -> Iterator[Installation]:
    """Yield an installation that serves, with a worker beside it; nothing of it is left afterwards."""
    with temporary_home() as home:
        installation = Installation(home, **settings)
        try:
            installation.start("serve")
            installation.ready()
            installation.start("worker")
            yield installation
        finally:
            installation.stop()


def python_of(paths: str, script: str, **who: Any) -> str | None:
    """Return a Python that a user, as subprocess takes one, can run a script with: root's own may lie where only root comes."""
    other = f"python3.{sys.version_info.minor}"
    for found in (sys.executable, "/usr/bin/python3", f"/usr/local/bin/{other}", f"/usr/bin/{other}"):
        with contextlib.suppress(OSError):
            command, env = [found, "-c", script], {"PYTHONPATH": paths}
            if subprocess.run(command, cwd="/", env=env, capture_output=True, check=False, **who).returncode == 0:
                return found
    return None


def python(
    *arguments: str, env: dict[str, str], cwd: Path = ROOT, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a Python like this one to its end, by default in the folder of the project."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=env, cwd=cwd, input=typed, capture_output=True, text=True, check=False, timeout=300
    )


def postmaster_of(folder: Path) -> int:
    """Return the process of the server whose data is in a folder. FileNotFoundError while none runs."""
    return int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def _children(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if int((path / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.name))
    return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
