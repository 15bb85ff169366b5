"""Programs that take part: run to their end, or kept running; none of them outlives its block, whatever ends it."""

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from testkit.product import HOST

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
_TOOLS = PEERS / ".tools" / "usr"
_PATIENCE = 60.0


class MissingError(Exception):
    """Something that is compared with cannot be had here; says why."""


async def run(arguments: Sequence[str | Path], env: dict[str, str], cwd: Path | None = None) -> str:
    """Return what a program prints. RuntimeError if it fails; it is killed if this is cancelled."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*arguments, env=env, cwd=cwd, stdout=pipe, stderr=pipe)
    try:
        out, error = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(
            f"{shlex.join(map(str, arguments))} failed: {error.decode()[-4_000:] or out.decode()[-4_000:]}"
        )
    return out.decode()


@contextlib.contextmanager
def running(
    arguments: Sequence[str | Path],
    env: dict[str, str],
    log: Path,
    cwd: Path | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a program running, in a session of its own so that Ctrl-C reaches it through us only. ``end``: how it ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(arguments, env=env, cwd=cwd, stdout=out, stderr=out, start_new_session=True)
    try:
        yield process
    finally:
        _stop(process, end)


def _stop(process: subprocess.Popen[bytes], end: signal.Signals) -> None:
    """End a program, by force if it does not."""
    process.send_signal(end)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def serves(process: subprocess.Popen[bytes], log: Path, asks: Callable[[], Awaitable[bool]]) -> None:
    """Return when asking succeeds. RuntimeError with the log's end if the program ends instead."""
    late = time.monotonic() + _PATIENCE
    while not await asks():
        if process.poll() is not None or time.monotonic() > late:
            said = await asyncio.to_thread(log.read_text)
            raise RuntimeError(f"a server does not serve: {said[-4_000:]}")
        await asyncio.sleep(0.02)


async def listens(port: int) -> bool:
    """Return whether a program accepts connections."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def fetch(what: str) -> None:
    """Have ``setup.sh`` fetch the peers or the tools. MissingError with its reason if it cannot."""
    done = subprocess.run([PEERS / "setup.sh", what], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError((done.stderr or done.stdout).strip().splitlines()[-1])


def tool(name: str) -> Path:
    """Return a program of Debian: the installed one, else one that is unpacked for us. MissingError if there is none."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if found is None:
        fetch("tools")
        found = shutil.which(name, path=f"{_TOOLS}/bin:{_TOOLS}/sbin")
    if found is None:
        raise MissingError(f"{name} is neither installed nor to be had")
    return Path(found)


def libraries() -> dict[str, str]:
    """Return the environment in which unpacked tools find their libraries."""
    folders = sorted(str(path.parent) for path in _TOOLS.glob("lib/*/libluajit*.so.2"))
    return {"LD_LIBRARY_PATH": ":".join(folders)} if folders else {}


def pg_environment(dsn: str, database: str) -> dict[str, str]:
    """Return what PostgreSQL's clients read from the environment."""
    parts = urlsplit(dsn)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PGHOST": query.get("host") or parts.hostname or "",
        "PGPORT": query.get("port") or str(parts.port or 5432),
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": database,
    }
