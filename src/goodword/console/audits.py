"""Audits: rewards with their seven points, the share that lacks none, the sheet of a payout, and the signature of a month."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.see.audits import Audited, Month, Shares, Sheet
from goodword.console.forms import Form
from goodword.console.frame import LIMIT, Act, Read, Visit
from goodword.core import audit
from goodword.core.lifecycles import LIFECYCLES

_NOTE = 2_000  # characters of what was found
_ROWS = 200  # payouts of a month on a page
_IDS = 40_000  # characters of ids of payouts


class Audits(Struct, frozen=True):
    """The list. ``shares``: of the same month and program; ``programs``: slugs; ``last_month``: the one asked for, or that is over."""

    rewards: list[Audited]
    after: str | None
    filters: dict[str, str | None]
    shares: Shares
    programs: list[str]
    statuses: list[str]
    points: list[str]
    last_month: str


class OneSheet(Struct, frozen=True):
    """One page with all that shows why a payout or a reward is as it is."""

    sheet: Sheet


async def listed(visit: Visit) -> Audits:
    """Return a page of rewards with their points."""
    filters = visit.filters("program", "month", "status", "point", "after")
    last = await visit.read(see.audits.last_month)
    asked = {name: value for name, value in filters.items() if value is not None}
    page = await visit.read(see.audits.page, **asked, limit=LIMIT)
    return Audits(
        list(page.items),
        page.after,
        filters,
        await visit.read(see.audits.accuracy, program=filters["program"], month=filters["month"]),
        [program.slug for program in await visit.glance(see.programs.every) or []],
        [*LIFECYCLES["reward"]],
        [*audit.POINTS],
        filters["month"] or last,
    )


async def of_payout(visit: Visit) -> OneSheet:
    """Return the sheet of a payout."""
    return OneSheet(await visit.read(see.audits.of_payout, visit.named("payout")))


async def of_reward(visit: Visit) -> OneSheet:
    """Return the sheet of a reward."""
    return OneSheet(await visit.read(see.audits.of_reward, visit.named("reward")))


class OneMonth(Struct, frozen=True):
    """The payouts of a month that are looked at, and the form that signs. ``filters``: which list is shown, and from where."""

    month: Month
    may_sign: bool
    filters: dict[str, str | None]


async def of_month(visit: Visit) -> OneMonth:
    """Return what is looked at of a month: as it was signed, or, of ``list=now``, as it could be now."""
    filters = visit.filters("list", "after")
    asked = {"now": filters["list"] == "now", "after": filters["after"] or "", "limit": _ROWS}
    it = await visit.read(see.audits.month, visit.named("month"), **asked)
    return OneMonth(it, visit.may(say.audits.sign) and bool(it.looked) and not it.own and not it.kept, filters)


async def sign(visit: Visit, form: Form) -> str:
    """Sign a month as it was shown. Findings are ticked, and those of other pages of the list are typed."""
    month = visit.named("month")
    findings = [*form.several("finding"), *(form.text("others", _IDS) or "").split()]
    text = form.text("note", _NOTE) or None
    await visit.say(say.audits.sign, month, form.need("list_sha256", 64), findings, text, form.once)
    return f"/audit/months/{month}?done=audit_signed"


_MONTH = Read("/audit/months/{month}", "/ledger", see.audits.month, "audits/month.html", of_month)
READS = (
    Read("/audit", "/ledger", see.audits.page, "audits/list.html", listed),
    _MONTH,
    Read("/audit/payouts/{payout}", "/payouts", see.audits.of_payout, "audits/sheet.html", of_payout),
    Read("/audit/rewards/{reward}", "/rewards", see.audits.of_reward, "audits/sheet.html", of_reward),
)
ACTS = (Act("/audit/months/{month}/sign", _MONTH, say.audits.sign, sign),)
