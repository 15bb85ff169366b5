"""Mappings of workspaces by source: every version for ever, since entries of the log name them by their hash.

Must not know: what a mapping says.
"""

from typing import NamedTuple

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("mapping")


class Version(NamedTuple):
    """A version. ``says``: False, from here on there was none; ``said_by``: a member, ``said_at``: an instant of the real clock."""

    version: int
    hash: str
    says: bool
    said_by: str
    said_at: int


class Present(NamedTuple):
    """How a source is treated now: by which mapping, empty for none, and for how many days what it delivers is kept."""

    hash: str
    document: str
    days: int


class File(NamedTuple):
    """What a version says: the hash of its canonical document, that, and the file as it was written; empty: nothing from here on."""

    hash: str = ""
    document: str = ""
    text: str = ""


async def add(conn: asyncpg.Connection, ws: str, source: str, file: File, by: str, at: int) -> int:
    """Add a version; returns its number. Under the lock of the workspace, so that each has one of its own."""
    return int(await conn.fetchval(_SQL["add"], ws, source, *file, by, at))


async def every(conn: asyncpg.Connection, ws: str, source: str, limit: int) -> list[Version]:
    """Return the versions, the newest first."""
    return [Version(*row) for row in await conn.fetch(_SQL["every"], ws, source, limit)]


async def text(conn: asyncpg.Connection, ws: str, source: str, version: int = 0) -> str | None:
    """Return what a version says, 0: the newest; None: there is none."""
    found: str | None = await conn.fetchval(_SQL["text"], ws, source, version)
    return found


async def named(conn: asyncpg.Connection, ws: str, hash_: str, source: str) -> tuple[str, int] | None:
    """Return source and version of what an event names by its hash; of the source that it came from, where that has it."""
    row = await conn.fetchrow(_SQL["named"], ws, hash_, source)
    return (row["source"], row["version"]) if row else None


async def present(conn: asyncpg.Connection, ws: str) -> dict[str, Present]:
    """Return how each source of a workspace is treated, of those of which anything was said."""
    rows = await conn.fetch(_SQL["present"], ws)
    return {row["source"]: Present(row["hash"], row["document"], row["days"]) for row in rows}
