"""Events: where each stands, and what was decided."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.entry import Entry
from goodword.store import log, pages, undecided


class Event(Struct, frozen=True):
    """Where an event stands: waiting, set aside, or decided with its entry."""

    evt: str
    status: Literal["waiting", "set_aside", "decided"]
    entry: Entry | None = None


@requires("event.read")
async def get(who: Principal, directory: Directory, event: str, source: str = "native") -> Event:
    """Return an event by its evt id, or by the id that its sender gave it. Raises UnknownError."""
    ws = who.workspace.id
    async with directory.reading() as conn:
        waiting = await pages.undecided_event(conn, ws, event)
        row = waiting or await pages.event_of_sender(conn, ws, source, event)
        entry = await log.of(conn, ws, row.evt if row else event)
    if entry is not None:
        return Event(entry.event.evt, "decided", entry)
    if row is None:
        raise UnknownError("event")
    return Event(row.evt, "set_aside" if row.waits_for else "waiting")


@requires("event.read")
async def quarantined(who: Principal, directory: Directory) -> list[undecided.Waiting]:
    """Return what is set aside, with its trace, and what waits behind it, in order."""
    async with directory.reading() as conn:
        return await undecided.waiting(conn, who.workspace.id)
