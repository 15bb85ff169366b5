"""What all tests share: one real PostgreSQL for the whole run, a fresh database for each test, the real data.

The server is DATABASE_URL's where that is set (its login must be allowed to create databases), else an embedded one in
a temporary home. With several pytest processes the first one starts it and tells the others.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from testkit.database import connected, drop, embedded, fresh_outside_a_loop, make_template

ROOT = Path(__file__).resolve().parent.parent
#: Real data with its oracle, beside the repository. Tests take the fixture ``shared``, which skips where it is not.
SHARED = ROOT.parent / "shared"

#: Opens a connection to the test's database as its owner.
Connect = Callable[[], Awaitable[asyncpg.Connection]]

#: Bytes of memory that a run may take for its files; all servers of a whole one need less.
_PLENTY = 6 << 30


def _keep_files_in_memory() -> None:
    """Where there is plenty of memory, put temporary files there: most of a run's time went into waiting for a disk.

    The servers have their usual settings; what is killed is a process, never the machine, so that nothing less is shown.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder is made in it for each home
    if "TMPDIR" not in os.environ and memory.is_dir():
        found = os.statvfs(memory)
        if found.f_bavail * found.f_frsize >= _PLENTY and not found.f_flag & os.ST_NOEXEC:
            os.environ["TMPDIR"] = tempfile.tempdir = str(memory)


_keep_files_in_memory()
os.environ.setdefault("GOODWORD_MASTER_KEY", uuid.uuid4().hex * 2)  # thrown away with the run

settings.register_profile("goodword", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("goodword")  # no test fails because its machine is slow

_RUN = pytest.StashKey[dict[str, str]]()
_OPEN = pytest.StashKey[ExitStack]()


def _run(config: pytest.Config) -> dict[str, str]:
    """Return the address of the run's server and the name of its template; start the server if nobody has."""
    told = getattr(config, "workerinput", {}).get("goodword")
    if told:
        return dict(told)
    if _RUN not in config.stash:
        stack = config.stash[_OPEN] = ExitStack()
        dsn = os.environ.get("DATABASE_URL") or stack.enter_context(embedded())[1].dsn
        template = f"goodword_test_{uuid.uuid4().hex[:12]}"
        stack.callback(lambda: asyncio.run(drop(dsn, template)))
        config.stash[_RUN] = {"dsn": dsn, "template": template}
    return config.stash[_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist where the run's server is."""
    node.workerinput["goodword"] = _run(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of the real data, or skip."""
    if not SHARED.is_dir():
        pytest.skip(f"the real data is not there ({SHARED})")
    return SHARED


@pytest.fixture(scope="session")
def pg_dsn(request: pytest.FixtureRequest) -> str:
    """Return the address of the run's server, with a login that may create databases. For tests of a server as such."""
    return _run(request.config)["dsn"]


@pytest.fixture(scope="session")
def pg_template(request: pytest.FixtureRequest, pg_dsn: str) -> str:
    """Return the name of the migrated template database."""
    name = _run(request.config)["template"]
    asyncio.run(make_template(pg_dsn, name))
    return name


@pytest.fixture
def database(pg_dsn: str, pg_template: str) -> Iterator[str]:
    """Yield the address of a fresh, migrated database; it is dropped after the test."""
    with fresh_outside_a_loop(pg_dsn, pg_template) as address:
        yield address


@pytest.fixture
async def connect(database: str) -> AsyncIterator[Connect]:
    """Yield what opens connections; all are closed, whatever becomes of the test, so that none is left for others to stumble over."""
    async with AsyncExitStack() as stack:

        async def opened() -> asyncpg.Connection:
            return await stack.enter_async_context(connected(database))

        yield opened
