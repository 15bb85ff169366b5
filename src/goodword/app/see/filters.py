"""What lists are filtered by: a word that means nothing is an error, as it is in an event, and never an empty list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

import asyncpg

from goodword.app.errors import InvalidError, UnknownError
from goodword.app.principal import Principal
from goodword.core.lifecycles import LIFECYCLES
from goodword.store import pages


def choice(parameter: str, value: str | None, known: Collection[str]) -> None:
    """Raise InvalidError for a value that is none of those known; None is no filter."""
    if value is not None and value not in known:
        near = get_close_matches(value.lower(), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(known)}."
        raise InvalidError(f"There is no such {parameter}; {hint}", parameter)


def status(noun: str, value: str | None) -> None:
    """Raise InvalidError for a status that the noun cannot have."""
    choice("status", value, LIFECYCLES[noun])


async def programs(conn: asyncpg.Connection, who: Principal, named: str | None) -> Sequence[str] | None:
    """Return the ids of the programs to look at: the one named by its id or slug, else all that are shown; None: there is no limit.

    Raises UnknownError, for one that is not shown too.
    """
    if named is None:
        return who.programs
    for one in await pages.programs(conn, who.workspace.id):
        if named in (one.id, one.slug) and who.sees(one.id):
            return [one.id]
    raise UnknownError("program")
