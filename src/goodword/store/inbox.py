"""The inbox: what was accepted, on disk before the answer, and recognised for ever by workspace, source and id.

Must not know: what an event means, HTTP.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import asyncpg

from goodword.store.arrays import columns
from goodword.store.pool import COPIED
from goodword.store.sql_files import statements

_SQL = statements("accept")
_EVENT = ("workspace_id", "source", "id", "evt", "type", "content")
_UNDECIDED = ("workspace_id", "evt", "source", "id", "body")


class Row(NamedTuple):
    """An event as it is stored. ``content``: keyed digest of what was sent; ``body``: the core's event."""

    source: str
    id: str
    evt: str
    type: str
    content: bytes
    body: bytes


class Known(NamedTuple):
    """An event that was accepted before, or a command that was decided: its evt, the digest of what was sent."""

    evt: str
    content: bytes


async def known(
    connection: asyncpg.Connection, workspace_id: str, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Known]:
    """Return those of the (source, id) that were accepted before."""
    rows = await connection.fetch(_SQL["known"], workspace_id, *columns(sorted(keys)))
    return {(row["source"], row["id"]): Known(row["evt"], row["content"]) for row in rows}


async def add(connection: asyncpg.Connection, workspace_id: str, rows: Sequence[Row]) -> None:
    """Store new events, many by COPY. Raises UniqueViolationError if another process was faster with one of them."""
    if not rows:
        return
    rows = sorted(rows)  # two flushes never wait crosswise
    if len(rows) < COPIED:
        await connection.execute(_SQL["add"], workspace_id, *map(list, zip(*rows, strict=True)))
        return
    events = [(workspace_id, row.source, row.id, row.evt, row.type, row.content) for row in rows]
    await connection.copy_records_to_table("event", columns=_EVENT, records=events)
    waiting = [(workspace_id, row.evt, row.source, row.id, row.body) for row in rows]
    await connection.copy_records_to_table("undecided", columns=_UNDECIDED, records=waiting)


async def program_ids(connection: asyncpg.Connection, workspace_id: str, slugs: Iterable[str]) -> dict[str, str]:
    """Return the ids of programs by their names; an unknown one is left out."""
    rows = await connection.fetch(_SQL["programs"], workspace_id, sorted(set(slugs)))
    return {row["slug"]: row["id"] for row in rows}


async def rule_documents(connection: asyncpg.Connection, workspace_id: str) -> list[str]:
    """Return the texts of all published rules."""
    return [row["document"] for row in await connection.fetch(_SQL["documents"], workspace_id)]


async def body(connection: asyncpg.Connection, workspace_id: str, evt: str) -> bytes | None:
    """Return an event that waits to be decided."""
    stored: bytes | None = await connection.fetchval(_SQL["body"], workspace_id, evt)
    return stored


async def keep(
    connection: asyncpg.Connection, workspace_id: str, source: str, id_: str, evt: str, type_: str, content: bytes
) -> None:
    """Keep the id of a command that is decided in this transaction. Raises UniqueViolationError for one that is there."""
    await connection.execute(_SQL["keep"], workspace_id, source, id_, evt, type_, content)
