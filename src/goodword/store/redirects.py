"""What the redirect reads and writes: hosts, codes, landing pages; clicks in blocks with a digest.

Must not know: HTTP, caches, who clicks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import asyncpg

from goodword.core import calendar, canonical
from goodword.core.facts import Touch
from goodword.store.inbox import Row
from goodword.store.sql_files import statements

_SQL = statements("redirects")


class Link(NamedTuple):
    """A code's id and where its link leads; None: the workspace's own page. ``page``: by way of a page of ours."""

    code: str
    landing: str | None
    page: bool = False


async def host(pool: asyncpg.Pool, name: str) -> str | None:
    """Return the workspace that answers for a host."""
    workspace: str | None = await pool.fetchval(_SQL["host"], name)
    return workspace


async def link(pool: asyncpg.Pool, workspace_id: str, exact: bytes, look: bytes) -> Link | None:
    """Return the code that is meant, by the blind indexes of the key that was asked for and of its look."""
    row = await pool.fetchrow(_SQL["link"], workspace_id, exact, look)
    return Link(row["code"], row["landing"], row["page"]) if row else None


async def landing(pool: asyncpg.Pool, workspace_id: str) -> str | None:
    """Return the page that a workspace shows for codes it does not know."""
    page: str | None = await pool.fetchval(_SQL["landing"], workspace_id)
    return page


def block_digest(touches: Iterable[Touch]) -> bytes:
    """SHA-256 over the canonical bytes of a block's touches, in order of id: a deleted or changed click shows."""
    digest = sha256()
    for touch in sorted(touches, key=lambda touch: touch.id):
        digest.update(canonical.encode(touch))
    return digest.digest()


async def add_block(
    connection: asyncpg.Connection,
    workspace_id: str,
    stored_at: datetime,
    touches: Sequence[Touch],
    digest: bytes,
    event: Row,
) -> None:
    """Store the clicks of one flush, all of one block, the block and its event, unless the block is there already."""
    await connection.execute(
        _SQL["add_block"],
        workspace_id,
        touches[0].block,
        calendar.instant(stored_at),
        stored_at,
        digest,
        [touch.id for touch in touches],
        [touch.code for touch in touches],
        [touch.at for touch in touches],
        [touch.bot for touch in touches],
        event.source,
        event.evt,
        event.type,
        event.content,
        event.body,
    )


class Viewed(NamedTuple):
    """So often the page of a code was opened on a day (days since 1970-01-01 in UTC), by people and by programs."""

    workspace: str
    code: str
    day: int
    people: int
    bots: int


async def add_views(connection: asyncpg.Connection, rows: Sequence[Viewed]) -> dict[tuple[str, str, int], int]:
    """Add to the counts of these codes and days; returns by (workspace, code, day) how often people opened it by now.

    ``rows`` in order of key: two processes never wait crosswise.
    """
    found = await connection.fetch(_SQL["add_views"], *map(list, zip(*rows, strict=True)))
    return {(row["workspace_id"], row["code"], row["day"]): row["people"] for row in found}


async def days(
    connection: asyncpg.Connection, workspace_id: str, codes: Sequence[str], most: int
) -> list[tuple[int, int]]:
    """Return (day, how often people opened the pages of these codes), the newest first."""
    return [
        (row["day"], row["people"]) for row in await connection.fetch(_SQL["days"], workspace_id, list(codes), most)
    ]


async def views(connection: asyncpg.Connection, workspace_id: str, codes: Sequence[str]) -> tuple[int, int]:
    """Return how often the pages of these codes were opened, by people and by programs."""
    row = await connection.fetchrow(_SQL["views"], workspace_id, list(codes))
    return row["people"], row["bots"]
