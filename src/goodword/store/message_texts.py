"""Texts that workspaces wrote, of messages by topic, of help by ``help.`` and a name, in a language: every version for ever.

The log names them by their hash.

Must not know: what a text says, what it may say.
"""

from typing import NamedTuple

import asyncpg

from goodword.store.sql_files import statements

_SQL = statements("message_text")


class Version(NamedTuple):
    """A version. ``hash``: empty, from here on there was none; ``said_by``: a member, ``said_at``: an instant of the real clock."""

    version: int
    hash: str
    said_by: str
    said_at: int


class Present(NamedTuple):
    """The newest version of a text; empty: there is none any more."""

    topic: str
    language: str
    version: int
    text: str
    said_by: str
    said_at: int


async def add(conn: asyncpg.Connection, ws: str, of: tuple[str, str], text: tuple[str, str], by: str, at: int) -> None:
    """Add a version. ``of``: topic and language; ``text``: hash and text, empty for none. Under the lock of the workspace."""
    await conn.execute(_SQL["add"], ws, *of, *text, by, at)


async def versions(conn: asyncpg.Connection, ws: str, of: tuple[str, str], limit: int) -> list[Version]:
    """Return the versions of a text, the newest first."""
    return [Version(*row) for row in await conn.fetch(_SQL["versions"], ws, *of, limit)]


async def text(conn: asyncpg.Connection, ws: str, of: tuple[str, str], version: int) -> str | None:
    """Return what a version says; None: there is no such version."""
    found: str | None = await conn.fetchval(_SQL["text"], ws, *of, version)
    return found


async def present(conn: asyncpg.Connection, ws: str, *, help_: bool) -> list[Present]:
    """Return the newest version of every text that a workspace ever wrote: of messages, or of pages of help."""
    return [Present(*row) for row in await conn.fetch(_SQL["present"], ws, help_)]
