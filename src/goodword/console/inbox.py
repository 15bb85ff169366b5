"""The inbox: what persons dispute, claim and ask about it, the oldest first; each is answered at its case or claim."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.disputes import Waiting
from goodword.console.frame import Read, Visit


class Inbox(Struct, frozen=True):
    """What waits. ``many``: there is more than is shown; ``now``: the instant of the workspace's clock."""

    items: tuple[Waiting, ...]
    many: bool
    now: int


async def listed(visit: Visit) -> Inbox:
    """Return what waits."""
    found = await visit.read(see.disputes.inbox)
    return Inbox(found.items, found.many, found.now)


READS = (Read("/inbox", "/inbox", see.disputes.inbox, "inbox/list.html", listed, live=True),)
