"""Persons: two accounts of one are merged; what is known of one is erased for good."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import note, say
from goodword.app.see import copies, filters, personal, taxes
from goodword.core import kin
from goodword.core.entry import Entry
from goodword.core.events import PersonErased, PersonsJoined, RecordLooked
from goodword.core.facts import Actor
from goodword.core.state import Kin
from goodword.store import entities, kept, notes, people


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


class Unmasked(Struct, frozen=True):
    """What was shown. ``values``: of the fields that were asked for and are there; none where ``entry`` is refused."""

    entry: Entry
    values: dict[str, Any]


@requires("person.names")
async def unmask(
    who: Principal, directory: Directory, subject: str, fields: Sequence[str], text: str | None, key: str
) -> Unmasked:
    """Show personal fields of a person, or of an event, and put on the record who asked and why: nothing is shown without that.

    ``fields``: names of ``see.people.masked``; ``text``: the reason as it was typed. Raises UnknownError for what is not shown to who
    asks, and for what has nothing personal, such as a person who is unknown or erased; InvalidError for a field that there is not.
    """
    async with directory.reading() as conn:
        there = await personal.of(conn, who, directory, subject)
    if not there:
        raise UnknownError("personal field of this id")
    for field in fields:
        filters.choice("field", field, there.keys())
    typed, named = note(who, text, key), tuple(dict.fromkeys(fields))
    looked = partial(RecordLooked, subject=subject, what="unmasked", fields=named, note=typed.digest)
    entry = await say(who, directory, lambda s: looked(**s), key, also=typed.keep)
    return Unmasked(entry, {} if entry.refused else {field: there[field] for field in named})


class Copied(Struct, frozen=True):
    """A copy of all that is held of somebody, in pieces (``see.copies``); nothing where ``entry`` is refused."""

    entry: Entry
    pieces: AsyncIterator[bytes] | None


@requires("person.copy")
async def copy(who: Principal, directory: Directory, person: str, text: str, key: str) -> Copied:
    """Make the copy of a person who asked for it otherwise than at the portal, and put on the record who took it and why.

    It has payment details and tax forms as they were entered, and what the team typed about them: who hands it out looks at it first.
    Raises UnknownError for a person whom nobody knows, or who was erased.
    """
    async with directory.reading() as conn:
        root, _ = await taxes.names_of(conn, who.workspace.id, person)
        keys, locked = await people.opened(conn, who.workspace.id, directory.vault, [root])
    if locked:
        raise ConflictError("person_locked", "The key of this person does not open: ask your operator.")
    if not keys:
        raise UnknownError("person")
    typed = note(who, text, key)
    looked = partial(RecordLooked, subject=root, what="exported", note=typed.digest)
    entry = await say(who, directory, lambda s: looked(**s), key, also=typed.keep)
    theirs = Principal("session", who.workspace, Actor(id=root, kind="person"))
    return Copied(entry, None if entry.refused else copies.of_oneself(theirs, directory, whole=True, typed=True))


@requires("person.erase")
async def erase(
    who: Principal, directory: Directory, person: str, key: str | None = None, *, gives_up: bool = False
) -> Entry:
    """Erase a person: their key, names, codes, payment details, tax forms, what was typed about them, in the commit that records it.

    ``gives_up``: a person ends what they are owed themselves.
    What they wrote of deals that they registered goes too, with what that says of whom they spoke with.
    So it is of every account that was merged into them. Who was merged away is erased alone, for what they became goes on.
    What sources delivered and the workspace keeps for some days goes too, all of it: any of it may name them. Once it is committed they
    stand in the directory's list of erasures, by which a restored backup is mended. Raises UnknownError for a person
    whom nobody knows, or who was erased.
    """
    while True:
        try:
            entry, persons = await _erase(
                who, directory, partial(PersonErased, person=person, gives_up=gives_up), person, key
            )
        except _Merged:  # meanwhile: nothing was erased
            continue
        for one in persons if not entry.refused else ():
            directory.note_erased(who.workspace.id, one, entry.event.occurred_at)
        return entry


class _Merged(Exception):
    """Others were merged into the person since they were looked at."""


async def _accounts(conn: asyncpg.Connection, ws: str, person: str) -> tuple[str, ...]:
    rows = {it.person: it for it in await entities.load(conn, ws, Kin, [person])}
    return kin.all_of(lambda _, key: rows.get(key), person)


async def _erase(
    who: Principal, directory: Directory, make: Callable[..., PersonErased], person: str, key: str | None
) -> tuple[Entry, tuple[str, ...]]:
    ws = who.workspace.id
    async with directory.reading() as conn:
        persons = await _accounts(conn, ws, person)
        typed = await notes.about(conn, ws, persons)  # it takes long, so it is not done under the workspace's lock
        wrote = await notes.registered(conn, ws, persons)

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        if await _accounts(conn, ws, person) != persons:
            raise _Merged
        if not await people.erase(conn, ws, person):
            raise UnknownError("person")
        for other in persons[1:]:
            await people.erase(conn, ws, other)
        await notes.erase(conn, ws, typed)
        await notes.erase_said(conn, ws, wrote)
        await kept.forget(conn, ws)

    return await say(who, directory, lambda s: make(**s), key, also=also), persons
