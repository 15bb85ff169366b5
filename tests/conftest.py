"""What all tests share: one real PostgreSQL for the whole run, a fresh database for each test, the real data.

The server is DATABASE_URL's where that is set (its login must be allowed to create databases), else an embedded one in
a temporary home. With several pytest processes the first one starts it and tells the others.
"""

import asyncio
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from goodword.store.embedded import serving
from goodword.store.migrations import migrate

ROOT = Path(__file__).resolve().parent.parent
#: Real data with its oracle, beside the repository. Tests take the fixture ``shared``, which skips where it is not.
SHARED = ROOT.parent / "shared"

#: Opens a connection to the test's database as its owner.
Connect = Callable[[], Awaitable[asyncpg.Connection]]

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
        dsn = os.environ.get("DATABASE_URL") or _embedded(stack)
        template = f"goodword_test_{uuid.uuid4().hex[:12]}"
        stack.callback(lambda: asyncio.run(_drop(dsn, template)))
        config.stash[_RUN] = {"dsn": dsn, "template": template}
    return config.stash[_RUN]


def _embedded(stack: ExitStack) -> str:
    home = Path(tempfile.mkdtemp(prefix="goodword-test-"))
    stack.callback(shutil.rmtree, home)
    home.chmod(0o711)  # so that the server's user can reach its folder when root runs the tests
    return stack.enter_context(serving(home)).dsn


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker process of pytest-xdist where the run's server is."""
    node.workerinput["goodword"] = _run(node.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    if _OPEN in config.stash:
        config.stash[_OPEN].close()


def at_database(dsn: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()


async def make_template(dsn: str, name: str) -> None:
    """Make the migrated database that the tests' own are copied from; the first of several processes does."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext($1))", name)
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            making = f"{name}_making"
            await connection.execute(f"DROP DATABASE IF EXISTS {making}")
            await connection.execute(f"CREATE DATABASE {making} TEMPLATE template0 ENCODING 'UTF8'")
            await migrate(at_database(dsn, making))
            await connection.execute(f"ALTER DATABASE {making} RENAME TO {name}")
    finally:
        await connection.close()


async def _copy(dsn: str, template: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()


async def _drop(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        await connection.close()


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
    name = f"t_{uuid.uuid4().hex}"
    asyncio.run(_copy(pg_dsn, pg_template, name))
    yield at_database(pg_dsn, name)
    asyncio.run(_drop(pg_dsn, name))


@pytest.fixture
async def connect(database: str) -> AsyncIterator[Connect]:
    """Yield what opens connections; all are closed, whatever becomes of the test, so that none is left for others to stumble over."""
    async with AsyncExitStack() as stack:

        async def opened() -> asyncpg.Connection:
            connection = await asyncpg.connect(database)
            stack.push_async_callback(connection.close)
            return connection

        yield opened
