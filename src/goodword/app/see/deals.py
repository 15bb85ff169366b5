"""Deals that partners registered, each with who else has to do with its company and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core.state import Deal, Registration
from goodword.store import entities, pages, people


class Registered(Struct, frozen=True):
    """A registration, and the CRM's deals that came of it.

    ``names``: of partner, contact and company, for who may see them; ``note``: what was typed beside it, for who may read notes.
    """

    registration: Registration
    deals: tuple[Deal, ...]
    names: Mapping[str, str]
    note: str | None = None

    @property
    def id(self) -> str:
        """The registration's."""
        return self.registration.id


@requires("deal.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    status: str | None = None,
    advocate: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Registered]:
    """Return registrations, filtered by state and partner.

    Raises InvalidError for a status that there is not, UnknownError for a partner's name.
    """
    filters.status("registration", status)
    async with directory.snapshot() as conn:
        partner = await filters.person(conn, who, advocate)
        found = await pages.registrations(
            conn, who.workspace.id, status=status, advocate=partner, programs=who.programs, after=after, limit=limit
        )
        return paging.by_id(await _told(conn, who, directory, found), limit)


@requires("deal.read")
async def get(who: Principal, directory: Directory, registration: str) -> Registered:
    """Return one registration. Raises UnknownError, for one of a program that is not shown too."""
    ws = who.workspace
    async with directory.snapshot() as conn:
        found = await entities.load(conn, ws.id, Registration, [registration])
        for told in await _told(conn, who, directory, [it for it in found if who.sees(it.program)]):
            it = told.registration
            said = await people.personal_of(conn, ws.id, directory.vault, it.person, it.evt)
            note = said.get("note") if who.may("note.read") else None
            return Registered(it, told.deals, told.names, note if isinstance(note, str) else None)
    raise UnknownError("deal")


async def _told(
    conn: asyncpg.Connection, who: Principal, directory: Directory, found: Sequence[Registration]
) -> list[Registered]:
    """Return registrations with what came of them: a read a noun, however many they are."""
    ws = who.workspace
    ids = {id_ for it in found for id_ in it.deals}
    deals = {deal.id: deal for deal in await entities.load(conn, ws.id, Deal, ids)}
    names: Mapping[str, str] = {}
    if who.may("person.names"):
        named = {id_ for it in found for id_ in _named(it)}
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, named)
    return [
        Registered(
            it,
            tuple(deals[id_] for id_ in it.deals if id_ in deals),
            {id_: names[id_] for id_ in _named(it) if id_ in names},
        )
        for it in found
    ]


def _named(it: Registration) -> list[str]:
    """Return the ids that have names: partner, contact, company by each of what it is called."""
    ids = (it.advocate, it.person, it.company, it.company_domain, it.company_ref)
    return [id_ for id_ in ids if id_ is not None]
