"""What lists are filtered by: a word that means nothing is an error, as it is in an event, and never an empty list."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal
from goodword.core import calendar
from goodword.core.ids import PREFIXES
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.money import CURRENCIES
from goodword.core.state import Advocate, Program
from goodword.outbound.rails import REGISTRY
from goodword.sources import naming
from goodword.sources.fields import TOKEN_PATTERN
from goodword.sources.split import canonical, is_id
from goodword.store import entities, own_system, pages, people, search

_SHOWN = 12  # values of a choice, or people of a name, that an error lists
_PARTS = 1_000  # programs in which one person is an advocate
_NEAR = 100  # people with all words of a name who are asked whether it is theirs
DAYS: Final = 30  # that are shown, unless it is said which
MOST_DAYS: Final = 400
_FIRST, _LAST = "1900-01-01", "9000-01-01"  # an instant of every zone, and as many days beside it, can be told


class Named(Struct, frozen=True):
    """Who is found by words of a name, the newest first.

    ``is_whole``: they have them as whole words of one text, and names that only begin so were not looked for.
    ``newest``: so many, the newest of who has one of the words, were looked at, and there are older ones; None: all were.
    """

    persons: list[str]
    is_whole: bool = False
    newest: int | None = None


async def own_part(conn: asyncpg.Connection, who: Principal, program: str) -> Advocate:
    """Return somebody's own part in a program, by its name: active, with a code. Raises UnknownError."""
    found = await pages.advocates(conn, who.workspace.id, person=who.actor.id, after="", limit=_PARTS)
    named = {
        it.id
        for it in await entities.load(conn, who.workspace.id, Program, [it.program for it in found])
        if it.slug == program
    }
    its = next((it for it in found if it.program in named and it.codes and it.status == "active"), None)
    if its is None:
        raise UnknownError("program")
    return its


def choice(parameter: str, value: str | None, known: Collection[str], noun: str | None = None) -> None:
    """Raise InvalidError for a value that is none of those known; None is no filter. ``noun``: what one of several is called."""
    if value is not None and value not in known:
        spelt = {word.lower(): word for word in known}
        near = get_close_matches(value.lower(), spelt, n=1)
        more = ", …" if len(known) > _SHOWN else "."
        hint = f"did you mean {spelt[near[0]]}?" if near else f"it is one of {', '.join([*known][:_SHOWN])}{more}"
        raise InvalidError(f"There is no such {noun or parameter}; {hint}", parameter)


def status(noun: str, value: str | None) -> None:
    """Raise InvalidError for a status that the noun cannot have."""
    choice("status", value, LIFECYCLES[noun])


def id_of(parameter: str, value: str | None, noun: str) -> None:
    """Raise InvalidError for what is no id of that noun; None is no filter, and an id of nothing finds nothing."""
    if value is not None and not is_id(value, PREFIXES[noun]):
        raise InvalidError(f"Expected the id of a {noun}, {PREFIXES[noun]}_…", parameter)


def conversion(value: str | None) -> None:
    """Raise InvalidError for what no conversion is known by: its invoice, by its token or our id, or else its event's id."""
    if value is None or is_id(value, "evt"):
        return
    if not value.startswith("inv:") or not re.match(TOKEN_PATTERN, value.removeprefix("inv:")):
        raise InvalidError("Expected a reward's conversion, inv:… or evt_…", "conversion")


def month(value: str | None) -> tuple[int, int] | None:
    """Return when a month such as ``2026-11`` begins in UTC, and the next one; None is no filter. Raises InvalidError."""
    if value is None:
        return None
    try:
        first = calendar.day_begins(f"{value}-01", "UTC")
        following = calendar.month_end_plus(first, 1, "UTC")
        is_month = calendar.utc_day(first)[:7] == value
    except (ValueError, OverflowError):
        is_month = False
    if not is_month:
        raise InvalidError("Expected a month such as 2026-11.", "month")
    return first, following


async def programs(conn: asyncpg.Connection, who: Principal, named: str | None) -> Sequence[str] | None:
    """Return the ids of the programs to look at: the one named by its id or slug, else all that are shown; None: there is no limit.

    Raises UnknownError, for one that is not shown too.
    """
    if named is None:
        return who.programs
    return [await _program(conn, who, named)]


async def _program(conn: asyncpg.Connection, who: Principal, named: str) -> str:
    for program in await pages.programs(conn, who.workspace.id):
        if named in (program.id, program.slug) and who.sees(program.id):
            return program.id
    raise UnknownError("program")


async def named(conn: asyncpg.Connection, ws: str, program_: str) -> str:
    """Return the id of a program by its id or slug, or what was named: deciding a command tells of one that there is not."""
    for program in await pages.programs(conn, ws):
        if program.slug == program_:
            return program.id
    return program_


async def person(conn: asyncpg.Connection, who: Principal, named: str | None) -> str | None:
    """Return the id of a person by their id, or by the name that the company gave them; None is no filter.

    Raises UnknownError for a name that nobody has, for who may see no names, and to who is limited to programs for the name of a
    person of none of them.
    """
    if named is None or is_id(named, PREFIXES["person"]):
        return named
    for id_ in await called(conn, who, named) if who.may("person.names") else ():
        if await shown(conn, who, id_):
            return id_
    raise UnknownError("person of this name")


async def meant(conn: asyncpg.Connection, who: Principal, directory: Directory, named: str) -> str:
    """Return the id of a person by their id or name, as above, or else by exactly what they are called, case and marks aside.

    A text that means nobody is returned as it is. Raises InvalidError for one that means several, which says who they are.
    """
    try:
        return await person(conn, who, named) or named
    except UnknownError:
        found = await _so_called(conn, who, directory, named) if who.may("person.names") else []
    if len(found) > 1:
        raise InvalidError(
            f"{len(found)} people are called {named}: {', '.join(found)}. Say by id who is meant.", "person"
        )
    return found[0] if found else named


async def _so_called(conn: asyncpg.Connection, who: Principal, directory: Directory, name: str) -> list[str]:
    """Return who is called so, of those whom the search knows and who are shown, the newest first; of many the first ones."""
    ws, words = who.workspace, naming.words(name)
    near = (await of_words(conn, who, words, _NEAR)).persons
    said = await search.said(conn, ws, directory.vault, near, ())
    texts = {id_: [one.get(field) for one in said.get(id_, ()) for field in naming.NAMES] for id_ in near}
    return [id_ for id_ in near if any(isinstance(it, str) and naming.words(it) == words for it in texts[id_])][:_SHOWN]


async def of_words(conn: asyncpg.Connection, who: Principal, words: Sequence[str], most: int) -> Named:
    """Return who is found by the first way to look for these words that finds somebody who is shown; ``most`` are looked at.

    While pairs are still being made of names that were read before each kind of them was kept, nobody is looked for by them.
    """
    ways, named = naming.ways(words), Named([])
    if len(ways) > 1 and await search.is_pairing(conn, who.workspace.id):
        ways = ways[-1:]
    for way in ways:
        found = await search.find(conn, who.workspace, way, most)
        persons, newest = found.persons, None if found.is_all else search.LOOKED_AT
        if who.programs is not None:
            known = await pages.know_persons(conn, who.workspace.id, persons, who.programs)
            newest = most if len(persons) == most else newest
            persons = [id_ for id_ in persons if id_ in known]
        named = Named(persons, len(ways) > 1 and way is ways[0], newest)
        if persons:
            break
    return named


async def called(conn: asyncpg.Connection, who: Principal, name: str) -> list[str]:
    """Return the person whom the company calls so, if there is one: by the name as it is compared, or else as it was given once."""
    names = [("person", canonical("person", name)), ("person", name)]
    ids = await people.find(conn, who.workspace.id, who.workspace.keys, names)
    return [ids[one] for one in names if one in ids][:1]


async def shown(conn: asyncpg.Connection, who: Principal, person_: str) -> bool:
    """Return whether a person has to do with a program that is shown to who asks."""
    return who.programs is None or await pages.knows_person(conn, who.workspace.id, person_, who.programs)


async def unit(conn: asyncpg.Connection, who: Principal, named: str) -> str:
    """Return a unit in which a program is named by its id. Raises InvalidError for one that there is not, and UnknownError."""
    kind, colon, of = named.partition(":")
    if colon and kind == "points":
        return f"points:{await _program(conn, who, of)}"
    if named not in CURRENCIES:
        raise InvalidError("Expected a currency of ISO 4217, or points:<program>.")
    return named


async def connected(conn: asyncpg.Connection, who: Principal, rail: str) -> None:
    """Raise ConflictError for the rail to a system of the company's own, where none was named."""
    if REGISTRY[rail].connects and await own_system.find(conn, who.workspace) is None:
        raise ConflictError(
            "own_system_missing", "Name the system of your own that books it first: PUT /v1/own-system."
        )


def window(begin: str | None, end: str | None, now: int, zone: str) -> tuple[str, str]:
    """Return the days that are meant: what is not said follows from what is, or from the day of ``now``, which is the last.

    Raises InvalidError for what is no day, and for more days than ``MOST_DAYS``.
    """
    try:
        if end is None:
            end = _later(calendar.day(now, zone), 1)
        if begin is None:
            begin = _later(end, -DAYS)
        begin, end = calendar.iso_day(begin), calendar.iso_day(end)
        days = calendar.days_apart(begin, end)
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"{error}.") from error
    if begin < _FIRST or end > _LAST:
        raise InvalidError(f"{begin} to {end}: days from {_FIRST} to {_LAST}.")
    if not 0 < days <= MOST_DAYS:
        raise InvalidError(f"{begin} to {end}: 1 to {MOST_DAYS} days, the last one not included.")
    return begin, end


def _later(day: str, days: int) -> str:
    return calendar.utc_day(calendar.day_begins(day, "UTC") + days * calendar.DAY)
