"""Persons, by the names that the company gave them."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters, personal
from goodword.store import people


class Person(Struct, frozen=True):
    """``external_id``: None for a person who was erased, and for a reader who may see no names.

    ``locked``: None too, because the person's key does not open; ``goodword verify`` tells which master key is missing.
    """

    id: str
    external_id: str | None
    locked: bool = False


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
