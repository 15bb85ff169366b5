"""Advocates, with the names that the company gave them and the texts of their codes."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.addresses import Link, link_of
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say import codes
from goodword.app.see import filters, paging
from goodword.app.see.paging import Page
from goodword.core import state
from goodword.store import pages, people, workspaces


class Advocate(Struct, frozen=True):
    """An advocate. A reader who may see no names is given neither ``external_id`` nor ``links``."""

    advocate: state.Advocate
    external_id: str | None
    links: tuple[Link, ...]


@requires("advocate.read")
async def page(
    who: Principal,
    directory: Directory,
    *,
    program: str | None = None,
    person: str | None = None,
    after: str = "",
    limit: int = 50,
) -> Page[Advocate]:
    """Return advocates, filtered; ``program``: an id or slug. Raises UnknownError for one that there is not."""
    texts: dict[str, str] = {}
    hosts: list[str] = []
    async with directory.reading() as conn:
        programs = await filters.programs(conn, who, program)
        person = await filters.person(conn, who, person)
        advocates = await pages.advocates(
            conn, who.workspace.id, programs=programs, person=person, after=after, limit=limit
        )
        if who.may("person.names"):
            ids = [id_ for advocate in advocates for id_ in (advocate.person, *advocate.codes)]
            texts = await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, ids)
            hosts = await workspaces.hosts(conn, who.workspace.id)
    if who.may("person.names"):
        nameless = [
            code for advocate in advocates if advocate.person in texts for code in advocate.codes if code not in texts
        ]
        texts |= await codes.name(who, directory, nameless)  # but nobody's who was erased
    at = (directory.engine.url, who.workspace.id, hosts[0] if hosts else None)
    items = [
        Advocate(
            advocate,
            texts.get(advocate.person),
            tuple(link_of(*at, texts[code]) for code in advocate.codes if code in texts),
        )
        for advocate in advocates
    ]
    return Page(items, paging.by_id(advocates, limit).after)


@requires("advocate.read")
async def codes_of(who: Principal, directory: Directory, *, person: str | None = None, most: int) -> int | None:
    """Return how many codes advocates have, or one person does; None: there are more than ``most`` advocates. Raises UnknownError."""
    async with directory.reading() as conn:
        person = await filters.person(conn, who, person)
        programs = await filters.programs(conn, who, None)
        return await pages.count_codes(conn, who.workspace.id, person=person, programs=programs, most=most)
