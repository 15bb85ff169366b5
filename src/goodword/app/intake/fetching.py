"""Items that name an object and tell nothing of it: kept as jobs before the answer, and fetched by a worker.

Nothing outside is called while somebody waits for an answer. A job is named by the item's own id, so that a repeat is one.
Must not know: which source it is, who fetches, HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.core.decision import Job
from goodword.sources.base import Unfetched
from goodword.store import jobs

KIND: Final = "source.fetch"
QUEUE: Final = "fetch"


class Held(Struct, frozen=True):
    """So many items of a source that wait for their objects, for one reason. ``code``: of ``REASONS``; ``since``: real time."""

    code: str
    detail: str
    count: int
    since: int


class NotFetchedError(jobs.SaidError):
    """An object was not fetched. ``code`` is one of REASONS."""

    def __init__(self, code: str, detail: str = "", *, after: int = 0) -> None:
        super().__init__(f"{code} {detail}".rstrip(), after=after)


#: Why objects are not there: code -> sentence.
REASONS: Final = {
    "waits": "They were not asked for yet.",
    "no_key": "No restricted key is held with which they could be asked for: give one.",
    "key_refused": "The restricted key is refused, or may not read this: give one that may.",
    "unknown_object": "The source knows no such object under this key.",
    "away": "The source does not answer, or is busy: they are asked for again.",
    "not_readable": "What the source answered is not the object that was asked for.",
    "failed": "Asking for them failed: see the worker's log.",
}


async def hold(conn: asyncpg.Connection, ws: str, source: str, items: Sequence[Unfetched], now: int) -> None:
    """Keep items until their objects are fetched, in the caller's transaction; what is kept already stays."""
    await jobs.add(
        conn,
        ws,
        [
            Job(id=f"fetch_{source}_{it.id}", kind=KIND, subject=source, queue=QUEUE, payload={**it.said, "at": now})
            for it in items
        ],
        now,
    )


async def held(conn: asyncpg.Connection, ws: str, source: str) -> list[Held]:
    """Return what waits, by its reason, the oldest first."""
    return [_held(it) for it in await jobs.stuck(conn, ws, QUEUE, KIND, source)]


async def again(conn: asyncpg.Connection, ws: str, source: str, now: int) -> None:
    """Ask for all that waits now, in the caller's transaction."""
    await jobs.again(conn, ws, KIND, source, now)


def _held(it: jobs.Stuck) -> Held:
    if it.error is None:
        return Held("waits", "", it.jobs, it.since)
    name, _, said = it.error.partition(": ")
    code, _, detail = said.partition(" ")
    known = name == NotFetchedError.__name__ and code in REASONS
    return Held(code, detail, it.jobs, it.since) if known else Held("failed", "", it.jobs, it.since)
