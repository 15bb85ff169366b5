"""Cases: what a person should look at; the list, and one with what was seen and what it holds."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.console.decisions import Decision, of_subject
from goodword.console.frame import LIMIT, Read, Visit
from goodword.console.rewards import Row, row_of
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.state import Case

MOST = 200  # rewards that are shown of a case


class Cases(Struct, frozen=True):
    """The list. ``after``: the cursor of the next page."""

    cases: list[Case]
    after: str | None
    filters: dict[str, str | None]
    statuses: list[str]


class One(Struct, frozen=True):
    """A case with its rewards. ``decisions`` is None for who may not read the log."""

    case: Case
    rewards: list[Row]
    decisions: list[Decision] | None


async def listed(visit: Visit) -> Cases:
    """Return a page of the list."""
    filters = visit.filters("status", "after")
    page = await visit.read(see.cases.page, status=filters["status"], after=filters["after"] or "", limit=LIMIT)
    return Cases(list(page.items), page.after, filters, list(LIFECYCLES["case"]))


async def one(visit: Visit) -> One:
    """Return one case."""
    case = await visit.read(see.cases.get, visit.named("case"))
    rows = [row_of(about) for about in await visit.read(see.parties.each, case.rewards[:MOST])]
    entries = await visit.glance(see.explanations.decisions, case.id)
    return One(case, rows, None if entries is None else of_subject(case.id, entries))


READS = (
    Read("/cases", "/cases", see.cases.page, "cases/list.html", listed, live=True),
    Read("/cases/{case}", "/cases", see.cases.get, "cases/detail.html", one),
)
