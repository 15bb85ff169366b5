"""Quarantine: what could not be decided, why, and what waits behind it; and trying again."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit
from goodword.core import ids


class Row(Struct, frozen=True):
    """An event that was set aside. ``at``: when it was accepted; ``error``: the kind of mistake; ``trace``: None for most readers."""

    evt: str
    type: str | None
    source: str
    sent: str
    at: int
    behind: int
    error: str | None
    trace: str | None


class Quarantine(Struct, frozen=True):
    """What is set aside, the oldest first. ``behind``: how many wait behind all of it; ``retries``: whether the reader may retry."""

    rows: list[Row]
    behind: int
    retries: bool


async def listed(visit: Visit) -> Quarantine:
    """Return what is set aside."""
    rows = [_row(one) for one in await visit.read(see.events.aside)]
    return Quarantine(rows, sum(row.behind for row in rows), visit.may(say.events.retry))


def _row(one: see.events.Aside) -> Row:
    kind = str(one.event.__struct_config__.tag) if one.event is not None else None
    at = one.event.accepted_at if one.event is not None else ids.made_at(one.evt)
    return Row(one.evt, kind, one.source, one.sent, at, one.behind, one.error, one.trace)


async def retry(visit: Visit, _: Form) -> str:
    """Decide one again, and what waits behind it."""
    count = await visit.read(say.events.retry, visit.named("event"))
    return f"/quarantine?done={'retried' if count else 'not_aside'}"


_PAGE = Read("/quarantine", "/quarantine", see.events.aside, "quarantine/list.html", listed)
READS = (_PAGE,)
ACTS = (Act("/quarantine/{event}/retry", _PAGE, say.events.retry, retry),)
