"""Where faults are made: an embedded PostgreSQL in a temporary home, with as many databases of the product as a part wants."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from testkit.database import embedded, fresh, make_template, name_of

from goodword.store.embedded import Embedded

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
        async with fresh(self.dsn, _TEMPLATE if template is None else name_of(template)) as address:
            yield address


@contextmanager
def place() -> Iterator[Place]:
    """Yield a place of its own; everything is gone afterwards."""
    os.environ["GOODWORD_MASTER_KEY"] = uuid.uuid4().hex * 2  # thrown away with the databases
    for name in ("DATABASE_URL", "DATABASE_ADMIN_URL"):
        os.environ.pop(name, None)  # faults are made on nobody's own server
    with embedded() as (home, server):
        yield Place(home, server)
