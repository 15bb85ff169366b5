"""Payouts: what was drafted, released and sent."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.console.frame import Read, Visit
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Payout

LIMIT = 50


class Row(Struct, frozen=True):
    """A payout with its payee as the reader may see them: ``name``, and the ``last`` characters of the account."""

    payout: Payout
    name: str | None
    last: str | None


class Payouts(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    payouts: list[Row]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


async def listed(visit: Visit) -> Payouts:
    """Return a page of the list."""
    filters = {name: visit.asked(name) for name in ("status", "after")}
    page = await visit.read(see.payouts.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    about = await visit.read(see.payouts.to_release, [payout.id for payout in page.items])
    rows = [Row(payout, it.name, it.last) for payout, it in zip(page.items, about.shown, strict=True)]
    return Payouts(rows, page.after, filters, list(LIFECYCLES["payout"]))


READS = (Read("/payouts", "/payouts", see.payouts.page, "payouts/list.html", listed),)
