"""Links by which partners register deals of their own: made for one partner in one program until a day, and ended."""

from __future__ import annotations

from typing import Any, Final

import asyncpg
from msgspec import Struct

from goodword.app import addresses
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core import calendar, kin
from goodword.core.entry import Entry
from goodword.core.events import FormEnded, FormMade
from goodword.core.state import Advocate, Kin
from goodword.store import entities, forms, pages, people

#: For how many days a link opens the form where nobody says, and at most.
DAYS: Final = 30
MOST_DAYS: Final = 365


class Made(Struct, frozen=True):
    """A link that was made. ``url`` is shown this once; ``expires_at``: an instant of the real clock."""

    id: str
    url: str
    program: str
    expires_at: int


@requires("form.manage")
async def make(
    who: Principal, directory: Directory, person: str, program: str | None, days: int | None, key: str
) -> Made:
    """Make a link for a partner, by id or name, in a program, by id or slug; None: in the only one of which they are an advocate.

    ``key`` makes it one link; a repeat raises CommandConflictError, for nobody has the link any more. Raises InvalidError for what
    cannot be meant, UnknownError for a person or program that there is not, ConflictError for who is no advocate of it.
    """
    ws, now = who.workspace, directory.now()
    lasts = DAYS if days is None else days
    if not 1 <= lasts <= MOST_DAYS:
        raise InvalidError(f"days: a number from 1 to {MOST_DAYS}.", "days")
    async with directory.reading() as conn:
        partner = str(await filters.person(conn, who, person))
        if partner not in await people.texts(conn, ws.id, ws.keys, directory.vault, [partner]):
            raise UnknownError("person who could have a form")  # nobody, or erased
        known = {it.person: it for it in await entities.load(conn, ws.id, Kin, [partner])}
        if (kept := kin.root(lambda _, id_: known.get(id_), partner)) != partner:
            raise InvalidError(f"This account was merged into {kept}: make the link for that one.", "person")
        in_ = await _program(conn, ws.id, partner, program)
    made = forms.new_form(ws.keys, partner, in_, who.actor.id, now, now + lasts * calendar.DAY)
    it = made.form

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await forms.add(conn, ws.id, made)

    said: dict[str, Any] = {
        "form": it.id,
        "person": it.person,
        "program": it.program,
        "until": it.expires_at,
        "digest": made.digest,
    }
    entry = await say(who, directory, lambda s: FormMade(**s, **said), key, also=also)
    if entry.refused:
        raise ConflictError("advocate_not_enrolled", "They are no advocate of this program: enrol them first.")
    url = addresses.form_of(directory.engine.url, ws.id, made.token)
    return Made(it.id, url, it.program, it.expires_at)


@requires("form.manage")
async def end(who: Principal, directory: Directory, form: str, key: str | None = None) -> None:
    """Let a link open nothing any more. Raises UnknownError if there is none of this id, or it was ended."""
    now = directory.now()

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused and not await forms.end(conn, who.workspace.id, form, now):
            raise UnknownError("form that could be ended")

    await say(who, directory, lambda s: FormEnded(**s, form=form, ended_at=now), key, also=also)


async def _program(conn: asyncpg.Connection, ws: str, person: str, named: str | None) -> str:
    programs = await pages.programs(conn, ws)
    if named is not None:
        for program in programs:
            if named in (program.id, program.slug):
                return program.id
        raise UnknownError("program")
    found = await entities.load(conn, ws, Advocate, [(program.id, person) for program in programs])
    if not found:
        raise ConflictError("advocate_not_enrolled", "They are no advocate of any program: enrol them first.")
    if len(found) > 1:
        raise InvalidError("They are an advocate of several programs: say of which.", "program")
    return found[0].program
