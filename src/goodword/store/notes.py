"""Text that people type beside a decision, sealed; the log holds only its keyed digest. Must not know: what it is about."""

import asyncpg

from goodword.core import canonical
from goodword.store.sql_files import statements
from goodword.store.vault import content_digest, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("note")


async def add(conn: asyncpg.Connection, ws: Workspace, key: str, text: str) -> str:
    """Keep a text and give the digest that stands for it; ``key`` is the command's, so that a repeat gives the same."""
    digest = content_digest(ws.keys.note, canonical.encode((key, text))).hex()
    await conn.execute(_SQL["add"], ws.id, digest, seal(ws.keys.note, text.encode(), _identity(ws.id, digest)))
    return digest


async def find(conn: asyncpg.Connection, ws: Workspace, digest: str) -> str | None:
    """Return the text that a digest stands for; None if it is gone."""
    sealed = await conn.fetchval(_SQL["find"], ws.id, digest)
    return unseal(ws.keys.note, sealed, _identity(ws.id, digest)).decode() if sealed else None


def _identity(ws: str, digest: str) -> bytes:
    return row_identity("note", ws, digest)
