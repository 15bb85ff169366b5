"""Orders and other conversions: the list, and one with its lines, what came back, and what it earned or why nothing."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import UnknownError
from goodword.app.see.conversions import Order, Whole
from goodword.console.decisions import Decision, of_subject
from goodword.console.frame import LIMIT, Onward, Read, Visit
from goodword.console.rewards import Row, row_of
from goodword.core.lifecycles import LIFECYCLES


class Conversions(Struct, frozen=True):
    """The list, the newest first. ``invoice``: the one that was looked for and is not there."""

    conversions: list[Order]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]
    programs: list[str]
    invoice: str | None = None


class One(Struct, frozen=True):
    """An order. ``decisions``: of its event; None for who may not read the log."""

    whole: Whole
    rewards: list[Row]
    decisions: list[Decision] | None


async def listed(visit: Visit) -> Conversions | Onward:
    """Return a page of the list; an invoice that was looked for is gone to."""
    invoice = visit.asked("invoice")
    if invoice is not None and (found := await _found(visit, invoice)) is not None:
        return Onward(f"/conversions/{found.order.id}", found)
    filters = visit.filters("status", "program", "person", "after")
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.conversions.newest, **asked, limit=LIMIT)
    programs = [program.slug for program in await visit.glance(see.programs.every) or []]
    return Conversions(list(page.items), page.after, filters, list(LIFECYCLES["conversion"]), programs, invoice)


async def _found(visit: Visit, invoice: str) -> Whole | None:
    try:
        return await visit.read(see.conversions.get, invoice)
    except UnknownError:
        return None


async def one(visit: Visit) -> One:
    """Return one order, by its id or invoice."""
    whole = await visit.read(see.conversions.get, visit.named("conversion"))
    evt = whole.order.conversion.evt
    entries = await visit.glance(see.explanations.decisions, evt) if evt is not None else []
    said = None if entries is None else of_subject(whole.order.id, entries)
    return One(whole, [row_of(about) for about in whole.rewards], said)


READS = (
    Read("/conversions", "/conversions", see.conversions.newest, "conversions/list.html", listed),
    Read("/conversions/{conversion}", "/conversions", see.conversions.get, "conversions/detail.html", one),
)
