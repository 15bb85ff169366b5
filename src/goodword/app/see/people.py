"""Persons: found by what is known of them, and one by id or by the name that the company gave them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, personal
from goodword.core.ids import PREFIXES
from goodword.core.state import Code, Conversion
from goodword.sources import naming
from goodword.sources.fields import TOKEN_PATTERN
from goodword.sources.identity import canonical_email, canonical_phone, code_look
from goodword.sources.split import NO_CODE, canonical, is_id
from goodword.store import entities, pages, people

#: Persons that a search gives, and characters of it that are looked at.
MOST, LONGEST = 50, 200
#: Persons of any program that are looked at for those of the programs that somebody is limited to.
_OF_SEVERAL = 500


class Person(Struct, frozen=True):
    """``external_id``: None for a person who was erased, and for a reader who may see no names.

    ``locked``: None too, because the person's key does not open; ``goodword verify`` tells which master key is missing.
    """

    id: str
    external_id: str | None
    locked: bool = False


class Found(Struct, frozen=True):
    """Somebody who was found, and by what: ``id``, ``external_id``, ``mail``, ``phone``, ``code``, ``advocate``, ``invoice``, ``name``.

    ``name``: all words that were asked for begin words of their names.
    """

    person: Person
    by: tuple[str, ...]


class Search(Struct, frozen=True):
    """Who was found; ``more``: whether there may be others, so that more should be said of whom one looks for.

    ``is_whole``: those of a name have what was asked for as whole words of one text, and names that only begin so were not looked for.
    ``newest``: so many, the newest of who has one of the words, were looked at, and there are older ones; None: all were.
    """

    found: tuple[Found, ...]
    more: bool = False
    is_whole: bool = False
    newest: int | None = None


@requires("person.read")
async def search(who: Principal, directory: Directory, asked: str) -> Search:
    """Return everybody of whom this is the id, outside name, mail, phone, code or invoice, and then those whose names begin so.

    ``MOST`` at most. To who may see no names nobody is found by what names them; to who is limited to programs nobody of others.
    """
    asked = asked.replace("\0", "").strip()[:LONGEST]
    by: dict[str, list[str]] = {}
    async with directory.reading() as conn:
        named = await _by_name(conn, who, asked)
        for way, person in [*await _exactly(conn, who, asked), *(("name", person) for person in named.persons)]:
            by.setdefault(person, []).append(way)
        if who.programs is not None:
            shown = await pages.know_persons(conn, who.workspace.id, list(by), who.programs)
            by = {person: ways for person, ways in by.items() if person in shown}
        persons = await _named(conn, who, directory, list(by)[:MOST])
    found = tuple(Found(it, tuple(dict.fromkeys(by[it.id]))) for it in persons)
    return Search(found, len(by) > MOST, named.is_whole, named.newest)


async def _exactly(conn: asyncpg.Connection, who: Principal, asked: str) -> list[tuple[str, str]]:
    """Return (by what, person) of whoever is meant by exactly this."""
    ws, found = who.workspace, list[tuple[str, str]]()
    names = {"invoice": ("invoice", asked)}
    if who.may("person.names"):
        names |= {"external_id": ("person", canonical("person", asked)), "given_once": ("person", asked)}
        keys = [("mail", canonical_email(asked)), ("phone", canonical_phone(asked))]
        held = [(kind, text) for kind, text in keys if text is not None]
        found += await people.holders(conn, ws.id, ws.keys, held, MOST + 1)
    ids = await people.find(conn, ws.id, ws.keys, set(names.values()))
    of = {way: ids[name] for way, name in names.items() if name in ids}
    if is_id(asked, PREFIXES["person"]):
        found.append(("id", asked))
    if is_id(asked, PREFIXES["advocate"]) and (person := await pages.advocate_person(conn, ws.id, asked)):
        found.append(("advocate", person))
    found += [("external_id", of[way]) for way in ("external_id", "given_once") if way in of][:1]
    typed = canonical("code", asked) if who.may("person.names") else NO_CODE
    meant = (await people.meant(conn, ws.id, ws.keys, [(typed, code_look(typed))]))[0] if typed != NO_CODE else None
    codes = await entities.load(conn, ws.id, Code, [meant.id] if meant is not None else [])
    found += [("code", code.person) for code in codes if code.person is not None]
    invoices = [f"inv:{it}" for it in (asked, of.get("invoice", asked)) if re.match(TOKEN_PATTERN, it)]
    orders = await entities.load(conn, ws.id, Conversion, invoices)
    return found + [("invoice", order.person) for order in orders if order.person is not None]


async def _by_name(conn: asyncpg.Connection, who: Principal, asked: str) -> filters.Named:
    """Return who has words that are or begin so; whole addresses are found by their key."""
    words = naming.asked(asked) if who.may("person.names") else []
    if not words or canonical_email(asked) is not None:
        return filters.Named([])
    return await filters.of_words(conn, who, words, _OF_SEVERAL if who.programs is not None else MOST + 1)


async def _named(conn: asyncpg.Connection, who: Principal, directory: Directory, ids: Iterable[str]) -> list[Person]:
    """Return these persons in their order, with their names for who may see them."""
    wanted = list(ids)
    if not who.may("person.names"):
        return [Person(id_, None) for id_ in wanted]
    names = await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, wanted)
    return [Person(id_, names.get(id_)) for id_ in wanted]


@requires("person.names")
async def names(who: Principal, directory: Directory, ids: Collection[str]) -> dict[str, str]:
    """Return what the company calls these persons, of those who are shown: for a list that knows their ids."""
    wanted = [id_ for id_ in ids if is_id(id_, PREFIXES["person"])]
    async with directory.reading() as conn:
        if who.programs is not None:
            wanted = sorted(await pages.know_persons(conn, who.workspace.id, wanted, who.programs))
        return await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, wanted)


@requires("person.names")
async def find(who: Principal, directory: Directory, external_id: str) -> Person:
    """Return the person to whom the company gave this name. Raises UnknownError."""
    async with directory.reading() as conn:
        for person in await filters.called(conn, who, external_id):
            if await filters.shown(conn, who, person):
                return Person(person, external_id)
    raise UnknownError("person of this name")


@requires("person.read")
async def masked(who: Principal, directory: Directory, subject: str) -> tuple[str, ...]:
    """Return the names of the personal fields that there are of a person, or in an event: ``say.people.unmask`` shows them.

    Raises UnknownError where there is no such person or event that is shown.
    """
    async with directory.reading() as conn:
        return tuple(sorted(await personal.of(conn, who, directory, subject)))


@requires("person.read")
async def get(who: Principal, directory: Directory, person: str) -> Person:
    """Return a person with their name. Raises UnknownError to who is limited to programs, for a person of none of them."""
    async with directory.reading() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        if not who.may("person.names"):
            return Person(person, None)
        names = await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, [person])
        _, locked = await people.opened(conn, who.workspace.id, directory.vault, [person])
    return Person(person, names.get(person), bool(locked))
