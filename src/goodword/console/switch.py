"""The workspaces that one may go to. To go there is signing in (``sign_in``)."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.workspaces import Place
from goodword.console.frame import Read, Visit


class Places(Struct, frozen=True):
    """Those in which one's own mail is a member's."""

    places: list[Place]


async def listed(visit: Visit) -> Places:
    """Return them."""
    return Places(await visit.read(see.workspaces.mine))


READS = (Read("/workspaces", "/workspaces", see.workspaces.mine, "workspaces.html", listed),)
