"""Persons: two accounts of one are merged; what is known of one is erased for good."""

from __future__ import annotations

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import filters
from goodword.core import entry as log_entry
from goodword.core.entry import Entry
from goodword.core.events import PersonalSeen, PersonErased, PersonsJoined
from goodword.store import log, notes, people, undecided


@requires("person.merge")
async def merge(
    who: Principal, directory: Directory, keep: str, gone: str, reason: str, text: str | None, key: str
) -> Entry:
    """Say that two accounts are one person's: ``gone`` goes on as ``keep``, both by id or name. Raises UnknownError."""
    async with directory.reading() as conn:
        keep, gone = [str(await filters.person(conn, who, named)) for named in (keep, gone)]
    typed = note(who, text, key)
    return await say(
        who,
        directory,
        lambda s: PersonsJoined(**s, keep=keep, gone=gone, reason=reason, note=typed.digest),
        key,
        also=typed.keep,
    )


@requires("person.unmask")
async def unmask(who: Principal, directory: Directory, evt: str, why: str, key: str) -> Entry:
    """Say that one wants to see what an event said of its person, and why; ``see.events.unmasked`` shows it for the entry's event.

    Raises UnknownError for an event that there is not, or that names no person.
    """
    async with directory.reading() as conn:
        waits = await undecided.one(conn, who.workspace.id, evt)
        entry = await log.of(conn, who.workspace.id, evt) if waits is None else None
    event = log_entry.event(waits.body) if waits is not None else entry.event if entry is not None else None
    person = getattr(event, "person", None)
    if person is None:
        raise UnknownError("event of a person")
    typed = note(who, why, key)
    return await say(
        who, directory, lambda s: PersonalSeen(**s, person=person, seen=evt, note=typed.digest), key, also=typed.keep
    )


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
