"""Claims: the list, and one with its sides beside one another, each with its evidence and what stands in it."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.claims import Sides
from goodword.console.decisions import Decision, of_subject
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core.lifecycles import LIFECYCLES


class Claims(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    claims: list[Sides]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


class One(Struct, frozen=True):
    """A claim with both sides. ``decisions`` is None for who may not read the log."""

    sides: Sides
    decisions: list[Decision] | None


async def listed(visit: Visit) -> Claims:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.claims.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    return Claims(list(page.items), page.after, filters, list(LIFECYCLES["claim"]))


async def one(visit: Visit) -> One:
    """Return one claim."""
    sides = await visit.read(see.claims.get, visit.named("claim"))
    entries = await visit.glance(see.explanations.decisions, sides.id)
    return One(sides, None if entries is None else of_subject(sides.id, entries))


READS = (
    Read("/claims", "/claims", see.claims.page, "claims/list.html", listed, live=True),
    Read("/claims/{claim}", "/claims", see.claims.get, "claims/detail.html", one),
)
