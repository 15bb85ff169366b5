"""Agreements with partners, with all their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Agreement
from goodword.store import entities, pages, people


class Made(Struct, frozen=True):
    """An agreement. ``names``: of its partner and of the companies that it leaves out, for who may see them."""

    agreement: Agreement
    names: Mapping[str, str]

    @property
    def id(self) -> str:
        """The agreement's."""
        return self.agreement.id


@requires("agreement.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    program: str | None = None,
    advocate: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Made]:
    """Return agreements, filtered by partner, and by the program that they are for alone. One for all is shown with its partner.

    Raises UnknownError for a program or a partner's name that there is not.
    """
    async with directory.snapshot() as conn:
        named = None if program is None else await filters.named(conn, who.workspace.id, program)
        person = await filters.person(conn, who, advocate)
        found = await pages.agreements(conn, who.workspace.id, program=named, person=person, after=after, limit=limit)
        shown = await _shown(conn, who, found)
        return Page(await _told(conn, who, directory, shown), paging.by_id(found, limit).after)


@requires("agreement.read")
async def get(who: Principal, directory: Directory, agreement: str) -> Made:
    """Return one agreement. Raises UnknownError, for one of a program or partner that is not shown too."""
    async with directory.snapshot() as conn:
        found = await entities.load(conn, who.workspace.id, Agreement, [agreement])
        for told in await _told(conn, who, directory, await _shown(conn, who, found)):
            return told
    raise UnknownError("agreement")


async def _shown(conn: asyncpg.Connection, who: Principal, found: Sequence[Agreement]) -> list[Agreement]:
    """Return those of programs that are shown, and those for all programs of whoever has to do with one of them."""
    if who.programs is None:
        return list(found)
    known = await pages.know_persons(conn, who.workspace.id, [it.person for it in found], who.programs)
    return [it for it in found if (it.person in known if it.program is None else who.sees(it.program))]


async def _told(
    conn: asyncpg.Connection, who: Principal, directory: Directory, found: Sequence[Agreement]
) -> list[Made]:
    names: Mapping[str, str] = {}
    if found and who.may("person.names"):
        named = {id_ for it in found for id_ in _named(it)}
        names = await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, named)
    return [Made(it, {id_: names[id_] for id_ in _named(it) if id_ in names}) for it in found]


def _named(it: Agreement) -> list[str]:
    """Return the ids that have names: its partner, and the companies that it leaves out."""
    return [it.person, *dict.fromkeys(id_ for terms in it.versions for id_ in terms.accounts)]
