"""Audits: rewards with their seven points and the share of those that lack none, and the sheet that says why money went where it did."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import see
from goodword.app.see.audits import Audited, Sheet, Shares
from goodword.console.frame import LIMIT, Read, Visit
from goodword.core import audit
from goodword.core.lifecycles import LIFECYCLES


class Audits(Struct, frozen=True):
    """The list. ``shares``: of the same month and program; ``programs``: slugs."""

    rewards: list[Audited]
    after: str | None
    filters: dict[str, str | None]
    shares: Shares
    programs: list[str]
    statuses: list[str]
    points: list[str]


class OneSheet(Struct, frozen=True):
    """One page with all that shows why a payout or a reward is as it is."""

    sheet: Sheet


async def listed(visit: Visit) -> Audits:
    """Return a page of rewards with their points."""
    filters = visit.filters("program", "month", "status", "point", "after")
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.audits.page, **asked, limit=LIMIT)
    begin, end = see.audits.days_of(filters["month"]) if filters["month"] is not None else (None, None)
    return Audits(
        list(page.items),
        page.after,
        filters,
        await visit.read(see.audits.accuracy, begin, end, filters["program"]),
        [program.slug for program in await visit.glance(see.programs.every) or []],
        [*LIFECYCLES["reward"]],
        [*audit.POINTS],
    )


async def of_payout(visit: Visit) -> OneSheet:
    """Return the sheet of a payout."""
    return OneSheet(await visit.read(see.audits.of_payout, visit.named("payout")))


async def of_reward(visit: Visit) -> OneSheet:
    """Return the sheet of a reward."""
    return OneSheet(await visit.read(see.audits.of_reward, visit.named("reward")))


READS = (
    Read("/audit", "/ledger", see.audits.page, "audits/list.html", listed),
    Read("/audit/payouts/{payout}", "/payouts", see.audits.of_payout, "audits/sheet.html", of_payout),
    Read("/audit/rewards/{reward}", "/rewards", see.audits.of_reward, "audits/sheet.html", of_reward),
)
