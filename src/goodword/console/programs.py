"""Programs: the list, and one with its rules in words and as a file, its versions and what each changed, its budget."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import InvalidError
from goodword.app.see.programs import Whole
from goodword.app.see.publications import Told
from goodword.console.frame import Read, Visit
from goodword.core.state import Program

_DIGITS = 6


class Programs(Struct, frozen=True):
    """All of them, the oldest first."""

    programs: list[Program]


async def listed(visit: Visit) -> Programs:
    """Return the list."""
    return Programs(await visit.read(see.programs.every))


async def one(visit: Visit) -> Whole:
    """Return a program with one of its versions."""
    version, against = _number(visit, "version"), _number(visit, "against")
    return await visit.read(see.programs.whole, visit.named("program"), version, against)


async def terms(visit: Visit) -> Told:
    """Return the terms of a program by one of its versions."""
    return await visit.read(see.terms.of, visit.named("program"), _number(visit, "version"))


def _number(visit: Visit, name: str) -> int | None:
    text = visit.asked(name)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidError("Expected the number of a version.", name)
    return int(text)


READS = (
    Read("/programs", "/programs", see.programs.every, "programs/list.html", listed),
    Read("/programs/{program}/terms", "/programs", see.terms.of, "programs/terms.html", terms),
    Read("/programs/{program}", "/programs", see.programs.whole, "programs/detail.html", one),
)
