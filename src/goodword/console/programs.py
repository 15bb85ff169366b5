"""Programs with their rule versions."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.console.frame import Read, Visit
from goodword.core.state import Program


class Programs(Struct, frozen=True):
    """All of them, the oldest first."""

    programs: list[Program]


async def listed(visit: Visit) -> Programs:
    """Return the list."""
    return Programs(await visit.read(see.programs.every))


READS = (Read("/programs", "/programs", see.programs.every, "programs/list.html", listed),)
