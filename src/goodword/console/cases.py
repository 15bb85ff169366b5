"""Cases: what a person should look at."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.console.frame import Read, Visit
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Case

LIMIT = 50


class Cases(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    cases: list[Case]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


async def listed(visit: Visit) -> Cases:
    """Return a page of the list."""
    filters = {name: visit.asked(name) for name in ("status", "after")}
    page = await visit.read(see.cases.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    return Cases(list(page.items), page.after, filters, list(LIFECYCLES["case"]))


READS = (Read("/cases", "/cases", see.cases.page, "cases/list.html", listed),)
