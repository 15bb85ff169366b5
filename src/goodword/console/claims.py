"""Claims: two sides, each with what stands in it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.claims import Sides
from goodword.console.frame import Read, Visit
from goodword.core.lifecycles import LIFECYCLES

LIMIT = 50


class Claims(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    claims: list[Sides]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


async def listed(visit: Visit) -> Claims:
    """Return a page of the list."""
    filters = {name: visit.asked(name) for name in ("status", "after")}
    page = await visit.read(see.claims.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    return Claims(list(page.items), page.after, filters, list(LIFECYCLES["claim"]))


READS = (Read("/claims", "/claims", see.claims.page, "claims/list.html", listed),)
