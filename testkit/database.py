"""Databases that are thrown away: a home in which a server may run, fresh databases on a server, and single statements."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from goodword.store.embedded import Embedded, serving
from goodword.store.migrations import migrate


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Yield a folder that the database's own user can reach into when root runs this; it is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="goodword-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def embedded() -> Iterator[tuple[Path, Embedded]]:
    """Yield a home and the server that runs in it."""
    with temporary_home() as home, serving(home) as server:
        yield home, server


def at_database(dsn: str, name: str) -> str:
    """Return the address of another database on the same server."""
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()


def name_of(dsn: str) -> str:
    """Return the name of the database at an address."""
    return urlsplit(dsn).path.removeprefix("/")


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection, as soon as there can be one."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def run(dsn: str, *statements: str) -> None:
    """Run statements over a connection of their own."""
    async with connected(dsn) as connection:
        for statement in statements:
            await connection.execute(statement)


async def fetch(dsn: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return rows as another process sees them at this instant."""
    async with connected(dsn) as connection:
        return [tuple(row) for row in await connection.fetch(query, *values)]


def rows(dsn: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the same where no event loop runs."""
    return asyncio.run(fetch(dsn, query, *values))


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of a plan that read a table."""
    if "Relation Name" in plan:
        yield plan
    for part in plan.get("Plans", ()):
        yield from scans(part)


#: What a schema is made of, without partitions: columns, indexes, constraints.
_CATALOG = (
    """select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, coll.collname,
              pg_get_expr(d.adbin, d.adrelid), a.attnum
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       left join pg_collation coll on coll.oid = a.attcollation
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition""",
    """select indexdef from pg_indexes i join pg_class c on c.relname = i.tablename
       where i.schemaname = 'public' and not c.relispartition""",
    """select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = 'public'::regnamespace and conrelid not in (select inhrelid from pg_inherits)""",
)


async def catalog(dsn: str) -> tuple[set[tuple[Any, ...]], ...]:
    """Return the columns, indexes and constraints of a schema."""
    columns, indexes, constraints = [set(await fetch(dsn, query)) for query in _CATALOG]
    return columns, indexes, constraints


async def make_template(dsn: str, name: str) -> None:
    """Make the migrated database that others are copied from; the first of several processes does."""
    async with connected(dsn) as connection:
        await connection.execute("select pg_advisory_lock(hashtext($1))", name)
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            making = f"{name}_making"
            await connection.execute(f"drop database if exists {making}")
            await connection.execute(f"create database {making} template template0 encoding 'UTF8'")
            await migrate(at_database(dsn, making))
            await connection.execute(f"alter database {making} rename to {name}")


async def create(dsn: str, template: str = "template0") -> str:
    """Make a database on the server at ``dsn``, a copy of the template; returns its address."""
    name = f"t_{uuid.uuid4().hex}"
    await run(dsn, f"create database {name} template {template} encoding 'UTF8'")
    return at_database(dsn, name)


async def drop(dsn: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    await run(dsn, f"drop database if exists {name} with (force)")


@asynccontextmanager
async def fresh(dsn: str, template: str = "template0") -> AsyncIterator[str]:
    """Yield the address of a database that is there until the block ends."""
    address = await create(dsn, template)
    try:
        yield address
    finally:
        await drop(dsn, name_of(address))


@contextmanager
def fresh_outside_a_loop(dsn: str, template: str = "template0") -> Iterator[str]:
    """Yield the same where no event loop runs."""
    address = asyncio.run(create(dsn, template))
    try:
        yield address
    finally:
        asyncio.run(drop(dsn, name_of(address)))
