"""What an advocate says of what they share: another code, once; and that they opened a channel with their link."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.app.write.commands import Make, Naming, Part, StoppedError, together
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import CodeChanged, LinkShared
from goodword.core.state import Advocate
from goodword.sources.identity import code_key, code_look, code_shape
from goodword.store import pages, people
from goodword.store.seals import Written

#: Characters of a code that somebody chooses: it is read aloud, and typed on a phone.
SHORTEST: Final = 4
LONGEST: Final = 20
_FEW: Final = 100  # programs in which somebody is an advocate


@requires("code.change")
async def change(who: Principal, directory: Directory, advocate: str, code: str, key: str) -> Entry:
    """Give an advocate, by id, another code, once; that of before goes on. Raises InvalidError for what is no readable code.

    What is refused leaves nothing behind: who tries many codes fills no log. Raises UnknownError for an advocate who is not there.
    """
    async with directory.reading() as conn:
        person = await pages.advocate_person(conn, who.workspace.id, advocate)
        found = (
            await pages.advocates(conn, who.workspace.id, person=person, after="", limit=_FEW)
            if person is not None
            else []
        )
    its = next((it for it in found if it.id == advocate and who.sees(it.program)), None)
    if its is None:
        raise UnknownError("advocate")
    return await _changed(who, directory, its, code, key)


@requires("own.share")
async def change_own(who: Principal, directory: Directory, program: str, code: str, key: str) -> Entry:
    """Choose another code of one's own in a program, by its name, once. Raises likewise."""
    async with directory.reading() as conn:
        its = await filters.own_part(conn, who, program)
    return await _changed(who, directory, its, code, key)


@requires("own.share")
async def shared(who: Principal, directory: Directory, program: str, channel: str, text: str | None) -> Entry:
    """Say that somebody opened a channel with their link; ``text``: the name of the text, None for their own words.

    It is said once a day of a channel and a text, however often they do: nobody fills a log. Raises UnknownError for a program.
    """
    async with directory.reading() as conn:
        its = await filters.own_part(conn, who, program)
    key = f"{its.id}:{calendar.day(directory.now(), 'UTC')}:{channel}:{text or ''}"
    of: dict[str, Any] = {"program": its.program, "person": its.person, "channel": channel, "text": text}
    return await say(who, directory, lambda s: LinkShared(**s, **of), key)


async def _changed(who: Principal, directory: Directory, its: Advocate, code: str, key: str) -> Entry:
    made = partial(CodeChanged, program=its.program, person=its.person)
    part = Part(_naming(who, directory, _readable(code), made), key)
    try:
        [entry] = await together(directory.engine, who.workspace.id, [part], who.actor)
    except StoppedError as stopped:
        [entry] = stopped.entries
    return entry


def _naming(who: Principal, directory: Directory, text: str, made: Callable[..., CodeChanged]) -> Naming:
    """Return what gives a code and its look rows, as an enrolment does, and the event their ids."""
    ws, key = who.workspace, code_key(text) or ""
    look, shape = code_look(key), code_shape(key)

    async def rows(conn: asyncpg.Connection, evt: str) -> tuple[Make, Sequence[Written]]:
        names = {("code", look): (look, evt), ("code", key): (text, evt)}
        ids, brought = await people.resolve(conn, ws.id, ws.keys, directory.vault, names)
        found = await people.find(conn, ws.id, ws.keys, [("code", shape), ("code_shape", shape)])
        written = [*brought.get(evt, ())]
        if shape != key:
            more = {("code_shape", shape): (ids["code", key], evt)}
            written += (await people.name_also(conn, ws.id, ws.keys, more)).get(evt, ())
        like = min({*found.values()} - {*ids.values()}, default=None)
        of = {"code": ids["code", key], "like": like, "look": ids["code", look] if look != key else None}
        return lambda s: made(**s, **of), written

    return Naming(rows)


def _readable(code: str) -> str:
    """Return a code as it was chosen, without space around it. Raises InvalidError."""
    text = unicodedata.normalize("NFC", code).strip()
    if not SHORTEST <= len(text) <= LONGEST:
        raise InvalidError(f"A code has {SHORTEST} to {LONGEST} characters.", "code")
    parts = text.split("-")
    if not all(part.isalnum() for part in parts) or text.replace("-", "").isdecimal() or code_key(text) is None:
        raise InvalidError("A code is made of letters and digits, with hyphens between them, and has a letter.", "code")
    return text
