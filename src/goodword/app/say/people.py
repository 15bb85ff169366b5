"""Persons: what is known of one is erased for good."""

from __future__ import annotations

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import PersonErased
from goodword.store import notes, people


@requires("person.erase")
async def erase(who: Principal, directory: Directory, person: str, key: str | None = None) -> Entry:
    """Erase a person: their key, names, codes, payment details, what was typed about them, in the commit that records it.

    Once it is committed they stand in the directory's list of erasures, by which a restored backup is mended. Raises UnknownError
    for a person whom nobody knows, or who was erased.
    """
    async with directory.reading() as conn:
        typed = await notes.about(
            conn, who.workspace.id, [person]
        )  # it takes long, so it is not done under the workspace's lock

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        if not await people.erase(conn, who.workspace.id, person):
            raise UnknownError("person")
        await notes.erase(conn, who.workspace.id, typed)

    entry = await say(who, directory, lambda s: PersonErased(**s, person=person), key, also=also)
    if not entry.refused:
        directory.note_erased(who.workspace.id, person, entry.event.occurred_at)
    return entry
