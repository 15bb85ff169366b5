"""CRMs whose records are written to, and what they answered: which record it is stands nowhere as the CRM calls it.

Times are instants of the real clock. Must not know: what is written, how it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Literal, NamedTuple

import asyncpg
import msgspec

from goodword.store.sql_files import statements
from goodword.store.vault import blind
from goodword.store.workspaces import Workspace

_SQL = statements("crm")

State = Literal["written", "waiting", "refused"]
STATES: Final = ("written", "waiting", "refused")


class Crm(NamedTuple):
    """A CRM that is written to. ``fields``: what it calls what is written, by what that is called here."""

    source: str
    site: str
    referrer: str
    fields: Mapping[str, str]
    made_by: str
    made_at: int
    rests_until: int = 0


class Record(NamedTuple):
    """What a CRM answered to what was written last to one of its records. ``subject``: whom or what the record is of."""

    source: str
    record: bytes
    noun: str
    subject: str
    state: State
    match: str
    confidence: str
    digest: bytes | None
    answered: int | None
    answer: str
    at: int


def blinded(workspace: Workspace, source: str, noun: str, record: str) -> bytes:
    """Return what a record is known by."""
    return blind(workspace.keys.index, "crm", f"{source}:{noun}:{record}")


async def every(conn: asyncpg.Connection, ws: str, source: str | None = None) -> list[Crm]:
    """Return the CRMs that are written to, or the one of this source."""
    rows = await conn.fetch(_SQL["every"], ws, source)
    return [Crm(*row)._replace(fields=msgspec.json.decode(row["fields"], type=dict[str, str])) for row in rows]


async def set_(conn: asyncpg.Connection, ws: str, crm: Crm) -> None:
    """Have a CRM written to, or otherwise than before."""
    fields = msgspec.json.encode(crm.fields).decode()
    await conn.execute(_SQL["set"], ws, crm.source, crm.site, crm.referrer, fields, crm.made_by, crm.made_at)


async def end(conn: asyncpg.Connection, ws: str, source: str) -> bool:
    """Have a CRM written to no more; False: it was not."""
    await conn.execute(_SQL["forget"], ws, source)
    done: str = await conn.execute(_SQL["end"], ws, source)
    return done == "DELETE 1"


async def lease(conn: asyncpg.Connection, ws: str, source: str, now: int, until: int) -> bool:
    """Let nobody else write to a CRM for a while; False: somebody does."""
    return await conn.fetchval(_SQL["lease"], ws, source, now, until) is not None


async def free(conn: asyncpg.Connection, ws: str, source: str, until: int) -> None:
    """Let others write to a CRM."""
    await conn.execute(_SQL["free"], ws, source, until)


async def rest(conn: asyncpg.Connection, ws: str, source: str, until: int) -> None:
    """Leave a CRM alone until then."""
    await conn.execute(_SQL["rest"], ws, source, until)


async def known(conn: asyncpg.Connection, ws: str, source: str, records: Collection[bytes]) -> dict[bytes, Record]:
    """Return what was written to records."""
    rows = await conn.fetch(_SQL["known"], ws, source, sorted(records))
    return {row["record"]: Record(*row) for row in rows}


async def written_of(conn: asyncpg.Connection, ws: str, subjects: Collection[str]) -> set[str]:
    """Return of which of these anything was written."""
    return {row["subject"] for row in await conn.fetch(_SQL["of"], ws, sorted(subjects))}


async def keep(conn: asyncpg.Connection, ws: str, it: Record) -> None:
    """Keep what a CRM answered."""
    said = (it.state, it.match, it.confidence, it.digest, it.answered, it.answer, it.at)
    await conn.execute(_SQL["keep"], ws, it.source, it.record, it.noun, it.subject, *said)


async def counts(conn: asyncpg.Connection, ws: str, source: str) -> dict[str, int]:
    """Return how many records there are, by state."""
    return {row["state"]: row["count"] for row in await conn.fetch(_SQL["counts"], ws, source)}


async def records(conn: asyncpg.Connection, ws: str, source: str, state: str, limit: int) -> list[Record]:
    """Return records of a state, those tried last first."""
    return [Record(*row) for row in await conn.fetch(_SQL["records"], ws, source, state, limit)]


async def refused(conn: asyncpg.Connection, ws: str, source: str, limit: int) -> list[tuple[str, str]]:
    """Return of records that a CRM refused what they are there, contacts or deals, and whom or what they are of."""
    return [tuple(row) for row in await conn.fetch(_SQL["refused"], ws, source, limit)]
