"""Deals that partners registered, as these see them, and as members do: with who else has to do with a company and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core import agreements
from goodword.core.deals import protected_days
from goodword.core.state import Advocate, Agreement, Deal, Program, Registration
from goodword.store import entities, log, notes, pages, people

#: The source of what partners register at forms of their own.
BY_FORM = "partner"
_AGREEMENTS = 50  # with one partner
_EVENTS = 20  # of a partner, the newest, that are asked for their name


class Registered(Struct, frozen=True):
    """A registration, and the CRM's deals that came of it.

    ``names``: of partner, contact and company, for who may see them; ``note``: what was typed beside it, for who may read notes.
    ``by_form``: whether its partner typed it at a form of their own, where one is read.
    """

    registration: Registration
    deals: tuple[Deal, ...]
    names: Mapping[str, str]
    note: str | None = None
    by_form: bool = False

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
            entry = await log.of(conn, ws.id, it.evt)
            by_form = entry is not None and entry.event.source == BY_FORM
            return Registered(it, told.deals, told.names, note if isinstance(note, str) else None, by_form)
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


class Said(Struct, frozen=True):
    """A message on a deal: of the partner or of sales. ``text``: None where it was erased."""

    side: str
    at: int
    text: str | None


class Brought(Struct, frozen=True):
    """A deal as its partner sees it: nothing of who else has to do with the company, and no name of who decides."""

    registration: Registration
    company: str | None
    messages: tuple[Said, ...]


class Own(Struct, frozen=True):
    """What a partner sees at a form of their own. ``closed``: why no deal can be registered now, as a refusal; None: one can be.

    ``partner``: their name, or else what the company calls them; ``days``: for how long a deal is protected; ``before``: the cursor of
    older ones.
    """

    workspace: str
    partner: str | None
    program: str
    closed: str | None
    days: int
    deals: list[Brought]
    before: str | None
    now: int


@requires("own.deals")
async def own(who: Principal, directory: Directory, *, before: str = "", limit: int = 20) -> Own:
    """Return a partner's own deals in the program of their form, the newest first, and whether they can register one."""
    ws, person, [program] = who.workspace, who.actor.id, who.actor.programs
    async with directory.snapshot() as conn:
        now = (await log.stream(conn, ws.id)).now(directory.now())
        [of] = await entities.load(conn, ws.id, Program, [program])
        advocate = await entities.load(conn, ws.id, Advocate, [(program, person)])
        agreed = await pages.agreements(conn, ws.id, program=None, person=person, after="", limit=_AGREEMENTS)
        asked: dict[str, Any] = {"advocate": person, "program": program, "before": before, "limit": limit + 1}
        found = await pages.newest_registrations(conn, ws.id, **asked)
        shown = found[:limit]
        ids = {person, *(it.company for it in shown)}
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, ids)
        name = (await people.said_of(conn, ws.id, directory.vault, person, _EVENTS)).get("name")
        texts = await notes.each(conn, ws, [one.note for it in shown for one in it.messages])
    closed = None
    if of.status != "active" or of.version_at(now) is None:
        closed = "program_not_active"
    elif not advocate or advocate[0].status != "active":
        closed = "advocate_not_active"
    deals = [
        Brought(it, names.get(it.company), tuple(Said(one.side, one.at, texts.get(one.note)) for one in it.messages))
        for it in shown
    ]
    after = shown[-1].id if len(found) > limit else None
    partner = name if isinstance(name, str) else names.get(person)
    return Own(ws.name, partner, of.slug, closed, _days(agreed, program, now), deals, after, now)


def _days(agreed: Sequence[Agreement], program: str, now: int) -> int:
    """For how long a deal that its partner registers now would be protected."""
    first = next(iter(agreements.begun(agreed, program, now)), None)
    return protected_days(first[1] if first is not None and first[1].in_force(now) else None)
