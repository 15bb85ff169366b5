"""Personal fields by name, of a person or of an event. Whoever shows their values has put it on the record (``say.people.unmask``)."""

from __future__ import annotations

from typing import Any

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal
from goodword.app.see import filters
from goodword.store import log, people

#: So many of the newest events are asked what they said of a person.
_EVENTS = 20
#: What the company calls a person, beside the names of what events said.
NAME = "external_id"


async def of(conn: asyncpg.Connection, who: Principal, directory: Directory, subject: str) -> dict[str, Any]:
    """Return the personal fields of a person, the newest of each, or of one event that was decided. Raises UnknownError."""
    ws = who.workspace
    if subject.startswith("per_"):
        if not await filters.shown(conn, who, subject):
            raise UnknownError("person")
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, [subject])
        said = await people.said_of(conn, ws.id, directory.vault, subject, _EVENTS)
        return said | ({NAME: names[subject]} if names else {})
    entry = await log.of(conn, ws.id, subject) if who.may("event.read") else None
    if entry is None:
        raise UnknownError("event")
    person = getattr(entry.event, "person", None)
    if person is None:
        return {}
    said = await people.personal_of(conn, ws.id, directory.vault, person, subject)
    names = await people.texts(conn, ws.id, ws.keys, directory.vault, [person])
    return said | ({NAME: names[person]} if names else {})
