"""Where faults are made: an embedded PostgreSQL in a temporary home, with as many databases of the product as a part wants."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from tests.conftest import at_database, make_template

from goodword.store.embedded import Embedded, serving

_TEMPLATE = "faults_template"


class Place:
    """A server of databases. ``home``: a folder that is gone afterwards; ``seed``: of everything random, SEED in the environment."""

    def __init__(self, home: Path, embedded: Embedded) -> None:
        self.home = home
        self.embedded = embedded
        self.dsn = embedded.dsn
        self.seed = int(os.environ.get("SEED") or 20260105)

    @asynccontextmanager
    async def database(self, template: str | None = None) -> AsyncIterator[str]:
        """Yield the address of a new database, migrated and empty, or a copy of that at the address ``template``."""
        if template is None:
            await make_template(self.dsn, _TEMPLATE)
        source = _TEMPLATE if template is None else name_of(template)
        name = f"faults_{uuid.uuid4().hex}"
        await self.run(f"create database {name} template {source}")
        try:
            yield at_database(self.dsn, name)
        finally:
            await self.run(f"drop database {name} with (force)")

    async def run(self, statement: str) -> None:
        """Run a statement about databases."""
        conn = await asyncpg.connect(self.dsn)
        try:
            await conn.execute(statement)
        finally:
            await conn.close()


def name_of(address: str) -> str:
    """Return the name of the database at an address."""
    return address.partition("?")[0].rpartition("/")[2]


@contextmanager
def place() -> Iterator[Place]:
    """Yield a place of its own; everything is gone afterwards."""
    os.environ["GOODWORD_MASTER_KEY"] = uuid.uuid4().hex * 2  # thrown away with the databases
    for name in ("DATABASE_URL", "DATABASE_ADMIN_URL"):
        os.environ.pop(name, None)  # faults are made on nobody's own server
    home = Path(tempfile.mkdtemp(prefix="goodword-faults-"))
    home.chmod(0o711)  # so that the server's user can reach its folder when root runs this
    try:
        with serving(home) as embedded:
            yield Place(home, embedded)
    finally:
        shutil.rmtree(home, ignore_errors=True)
