"""What verification reads: the log in pieces, and everything that must follow from it as a whole.

Rows come as they stand in the database, also those that cannot be true. Must not know: what must be true.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple

import asyncpg

from goodword.core.facts import Touch
from goodword.store import seals
from goodword.store.log import Head
from goodword.store.seals import Written
from goodword.store.sql_files import statements

_PIECE = 1_000

_LOG = statements("log")
_SQL = statements("audit")


class LogRow(NamedTuple):
    """A row of the log."""

    position: int
    evt: str
    leaf: bytes


class Accepted(NamedTuple):
    """An event in the inbox. ``placed``: whether it waits to be decided or stands in the log."""

    evt: str
    source: str
    id: str
    type: str
    content: bytes
    placed: bool


class Waits(NamedTuple):
    """What waits. ``known``: the evt that the inbox has under its id; ``position``: where the log has it already."""

    evt: str
    source: str
    id: str
    body: bytes
    known: str | None
    position: int | None


class Name(NamedTuple):
    """An outside name as it is stored."""

    kind: str
    blind: bytes
    id: str
    sealed: bytes | None


async def rows(conn: asyncpg.Connection, ws: str) -> AsyncIterator[LogRow]:
    """Yield all rows of the log in order of position."""
    after = -1
    while piece := await conn.fetch(_LOG["rows"], ws, after + 1, _PIECE):
        for row in piece:
            yield LogRow(*row)
        after = piece[-1]["position"]


async def tiles(conn: asyncpg.Connection, ws: str) -> dict[int, tuple[bytes, bytes]]:
    """Return ends and leaf hashes of every tile by its number."""
    return {row["tile"]: (row["ends"], row["hashes"]) for row in await conn.fetch(_LOG["every_tile"], ws)}


async def heads(conn: asyncpg.Connection, ws: str) -> list[Head]:
    """Return all signed heads, the smallest first."""
    return [Head(*row) for row in await conn.fetch(_LOG["every_head"], ws)]


async def postings(conn: asyncpg.Connection, ws: str) -> list[tuple[Any, ...]]:
    """Return all postings as ``log.postings`` makes them."""
    return [tuple(row) for row in await conn.fetch(_LOG["every_posting"], ws)]


async def approvals(conn: asyncpg.Connection, ws: str) -> list[tuple[Any, ...]]:
    """Return all approvals as ``log.approvals`` makes them."""
    return [tuple(row) for row in await conn.fetch(_LOG["every_approval"], ws)]


async def rule_versions(conn: asyncpg.Connection, ws: str) -> dict[str, tuple[int, str]]:
    """Return semantics and text of every rule version by its hash."""
    rows = await conn.fetch(statements("rule_version")["every"], ws)
    return {row["hash"]: (row["semantics"], row["document"]) for row in rows}


async def touches(conn: asyncpg.Connection, ws: str) -> list[tuple[Touch, str | None]]:
    """Return all touches with the evt that brought them; those of the redirect have none."""
    pairs = []
    for row in await conn.fetch(statements("touch")["every"], ws):
        values = dict(row)
        evt = values.pop("evt")
        pairs.append((Touch(**values), evt))
    return pairs


async def blocks(conn: asyncpg.Connection, ws: str) -> list[tuple[str, int, str]]:
    """Return id, count and digest of every block of the redirect's touches."""
    rows = await conn.fetch(statements("touch")["every_block"], ws)
    return [(row["id"], row["count"], row["digest"].hex()) for row in rows]


class PayeeDigests(NamedTuple):
    """Of payment details, and of those that a person entered and that do not hold yet: ``entered``, whether there are any."""

    rail: str
    digest: str
    entering_rail: str | None
    entering_digest: str | None
    entered: bool


async def payee_digests(conn: asyncpg.Connection, ws: str) -> dict[str, PayeeDigests]:
    """Return rail and digest of the payment details of every person, and of those that are to take their place."""
    rows = await conn.fetch(statements("payee_detail")["every"], ws)
    return {row["person"]: PayeeDigests(*list(row.values())[1:]) for row in rows}


async def payees_without_details(conn: asyncpg.Connection, ws: str) -> list[str]:
    """Return the payees who have a key, so that they were not erased, and no payment details."""
    return [row["person"] for row in await conn.fetch(statements("payee_detail")["missing"], ws)]


async def waiting(conn: asyncpg.Connection, ws: str) -> list[Waits]:
    """Return what waits to be decided."""
    return [Waits(*row) for row in await conn.fetch(statements("undecided")["every"], ws)]


async def inbox(conn: asyncpg.Connection, ws: str) -> AsyncIterator[Accepted]:
    """Yield everything that was accepted, and commands that have an id."""
    after = ("", "")
    while piece := await conn.fetch(statements("undecided")["inbox"], ws, *after, _PIECE):
        for row in piece:
            yield Accepted(*row)
        after = piece[-1]["source"], piece[-1]["id"]


async def brought(conn: asyncpg.Connection, ws: str) -> AsyncIterator[tuple[str, Written]]:
    """Yield what events brought beside the log, in order of evt. In a transaction."""
    async for row in conn.cursor(_SQL["brought"], ws, prefetch=_PIECE):
        evt, *written = row
        yield evt, Written(*written)


async def names_without_event(conn: asyncpg.Connection, ws: str) -> AsyncIterator[list[Name]]:
    """Yield in pieces the names that no event brought, or one of before digests of names stood in the log. In a transaction."""
    cursor = await conn.cursor(_SQL["names_without_event"], ws)
    while piece := await cursor.fetch(_PIECE):
        yield [Name(*row) for row in piece]


async def keys_without_event(conn: asyncpg.Connection, ws: str) -> list[str]:
    """Return the persons with keys, by which they are recognised, that no event brought, or one of before such digests."""
    return [row["person"] for row in await conn.fetch(_SQL["keys_without_event"], ws)]


async def half_persons(conn: asyncpg.Connection, ws: str) -> list[tuple[str, bool]]:
    """Return the persons with a name and no key (True), and those with a key and no name."""
    return [tuple(row) for row in await conn.fetch(_SQL["half_persons"], ws)]


async def known_persons(conn: asyncpg.Connection, ws: str, persons: Iterable[str]) -> list[str]:
    """Return those of these persons who have a key."""
    return [row["id"] for row in await conn.fetch(_SQL["known_persons"], ws, sorted(persons))]


async def made_as(conn: asyncpg.Connection, ws: str) -> tuple[str, str]:
    """Return mode and clock of a workspace."""
    return tuple(await conn.fetchrow(_SQL["made_as"], ws))


async def api_keys(conn: asyncpg.Connection, ws: str) -> dict[str, tuple[str, int | None]]:
    """Return digest and end of every API key by its id."""
    rows = await conn.fetch(_SQL["api_keys"], ws)
    return {
        row["id"]: (seals.key(row["hash"], row["kind"], row["member"], row["created_at"]), row["revoked_at"])
        for row in rows
    }


async def forms(conn: asyncpg.Connection, ws: str) -> dict[str, tuple[str, int | None]]:
    """Return digest and end of every link to a partner's form by its id."""
    rows = await conn.fetch(_SQL["forms"], ws)
    return {row["id"]: (seals.form(*row[1:7]), row["ended_at"]) for row in rows}


async def with_job(conn: asyncpg.Connection, ws: str, queue: str) -> set[str]:
    """Return the payouts for which work waits."""
    return {row["subject"] for row in await conn.fetch(_SQL["with_job"], ws, queue)}
