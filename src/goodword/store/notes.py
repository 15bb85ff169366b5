"""Text that people type beside a decision, sealed; the log holds only its keyed digest."""

from collections.abc import Collection, Iterator
from typing import Any

import asyncpg

from goodword.core import canonical, entry
from goodword.core.events import DealRegistered, note_of
from goodword.store import log
from goodword.store.sql_files import statements
from goodword.store.vault import UnsealError, content_digest, row_identity, seal, unseal
from goodword.store.workspaces import Workspace

_SQL = statements("note")
_NAMES = (
    "person",
    "keep",
    "gone",
    "conversion",
    "payout",
    "case",
    "claim",
    "reward",
    "registration",
    "subject",
)  # by which a command names one thing
_WITHIN = 3_600  # seconds to read a whole log


def digest(ws: Workspace, key: str, text: str) -> str:
    """Return what stands for a text in the log; ``key`` is the command's, so that a repeat gives the same."""
    return content_digest(ws.keys.note, canonical.encode((key, text))).hex()


async def add(conn: asyncpg.Connection, ws: Workspace, key: str, text: str) -> None:
    """Keep a text, in the caller's transaction."""
    id_ = digest(ws, key, text)
    await conn.execute(_SQL["add"], ws.id, id_, seal(ws.keys.note, text.encode(), _identity(ws.id, id_)))


async def find(conn: asyncpg.Connection, ws: Workspace, note: str) -> str | None:
    """Return the text that a digest stands for; None if it is gone."""
    sealed = await conn.fetchval(_SQL["find"], ws.id, note)
    return unseal(ws.keys.note, sealed, _identity(ws.id, note)).decode() if sealed else None


async def each(conn: asyncpg.Connection, ws: Workspace, digests: Collection[str]) -> dict[str, str]:
    """Return the texts that digests stand for; those that are gone are left out."""
    rows = await conn.fetch(_SQL["each"], ws.id, sorted(set(digests)))
    return {row["id"]: unseal(ws.keys.note, row["sealed"], _identity(ws.id, row["id"])).decode() for row in rows}


async def every(conn: asyncpg.Connection, ws: str) -> dict[str, bytes]:
    """Return all texts, sealed, by their digests."""
    return {row["id"]: row["sealed"] for row in await conn.fetch(_SQL["every"], ws)}


def opens(ws: Workspace, digest: str, sealed: bytes) -> bool:
    """Return whether this is the text that was typed under the digest, unchanged."""
    try:
        unseal(ws.keys.note, sealed, _identity(ws.id, digest))
    except UnsealError:
        return False
    return True


async def about(conn: asyncpg.Connection, ws: str, persons: Collection[str]) -> list[str]:
    """Return the digests of texts that were typed about persons, or about what concerns them. Reads the whole log."""
    found = await conn.fetch(_SQL["things"], ws, sorted(persons), timeout=_WITHIN)
    events = [entry.read(row["leaf"]).event for row in await conn.fetch(_SQL["entries"], ws, timeout=_WITHIN)]
    looked_at = {name for event in events for name in _named(event) if name.startswith("evt_")}
    theirs = await log.of_each(conn, ws, looked_at)
    things = {*persons, *(row["id"] for row in found)}
    things |= {evt for evt, it in theirs.items() if getattr(it.event, "person", None) in persons}
    return [note for event in events if (note := note_of(event)) and things & set(_named(event))]


def _named(event: Any) -> Iterator[str]:
    """Yield what a command beside which a text stands names."""
    yield from (getattr(event, name) for name in _NAMES if hasattr(event, name))
    yield from (item.id for item in getattr(event, "items", ()))
    yield from (person for person, _, _ in getattr(event, "advocates", ()))
    yield from getattr(event, "persons", ())


async def registered(conn: asyncpg.Connection, ws: str, persons: Collection[str]) -> list[tuple[str, str]]:
    """Return with whom, and by which event, each deal was registered that persons brought, refused ones too. Reads the whole log."""
    events = [entry.read(row["leaf"]).event for row in await conn.fetch(_SQL["registered"], ws, timeout=_WITHIN)]
    return [(it.person, it.evt) for it in events if isinstance(it, DealRegistered) and it.advocate in persons]


async def erase_said(conn: asyncpg.Connection, ws: str, said: Collection[tuple[str, str]]) -> None:
    """Erase what these events said of these persons, in the caller's transaction: whoever wrote that is erased."""
    await conn.execute(_SQL["erase_said"], ws, [person for person, _ in said], [evt for _, evt in said])


async def erase(conn: asyncpg.Connection, ws: str, digests: Collection[str]) -> None:
    """Erase texts, in the caller's transaction."""
    await conn.execute(_SQL["erase"], ws, sorted(digests))


def _identity(ws: str, digest: str) -> bytes:
    return row_identity("note", ws, digest)
