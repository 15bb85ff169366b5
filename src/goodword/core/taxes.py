"""Taxes: what was paid to each payee in a calendar year, the dated thresholds from which a form is needed, and what waits for one.

What is paid counts by payee, year and currency, in one counter each, from when a workspace says first in which jurisdictions it
reports. A payout counts on the day of its release, and on that of its completion once it is completed; what comes back counts no more.
Nothing here files or withholds a tax. The forms themselves stand sealed outside (``store.tax_forms``): here are their kinds and days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from goodword.core import calendar, kin, money
from goodword.core.decision import Step, Verdict
from goodword.core.draft import Draft
from goodword.core.events import Item
from goodword.core.kinds.rewards import to_payee
from goodword.core.stages import limits
from goodword.core.state import Payout, Reporting, Reward, TaxForm

#: The subject of all changes of it, and the id of what holds: a workspace has one.
ID: Final = "tax"
#: The kind of the counters of what was paid: by person and year, of no program.
PAID: Final = "paid"
#: A payout counts as paid in these states.
COUNTED: Final = ("released", "processing", "sent", "unknown", "completed")
_YEARS = 3  # a W-8BEN holds until the end of the third year after that of its signature


class Threshold(Struct, frozen=True):
    """From ``since`` on (a day) a form is needed by whom ``least`` minor units of a unit, or more, are paid in a calendar year.

    ``source``: where that is written. Thresholds are only ever added: one of the past is never changed.
    """

    jurisdiction: str
    unit: str
    least: int
    since: str
    source: str


#: By day. Of 2027 the figure of the US was not published yet: 2,000 rises with prices in steps of 100, so that it is never too high.
THRESHOLDS: Final = (
    Threshold("us", "USD", 600_00, "1954-01-01", "26 USC 6041(a) as it was before Public Law 119-21: 600 or more"),
    Threshold("us", "USD", 2_000_00, "2026-01-01", "26 USC 6041(a), Public Law 119-21 section 70433: 2,000 or more"),
    Threshold("eu-dac7", "EUR", 2_000_01, "2023-01-01", "Directive (EU) 2021/514, Annex V, I.B(4)(d): more than 2,000"),
)
#: jurisdiction -> the forms of which it takes one; ``none``: a member says that none is needed
FORMS: Final[dict[str, tuple[str, ...]]] = {
    "us": ("w9", "w8ben", "none"),
    "eu-dac7": ("vat_id", "none"),
}


def least(jurisdiction: str, unit: str, year: str) -> int | None:
    """Return from how much on a jurisdiction asks for a form, in a calendar year; None: it says nothing of that unit."""
    day = f"{year}-01-01"
    found = [it for it in THRESHOLDS if (it.jurisdiction, it.unit) == (jurisdiction, unit) and it.since <= day]
    return found[-1].least if found else None


def last_day(form: str, signed: str) -> str | None:
    """Return the last day on which a form holds that was signed on a day; None: it holds until another one is given."""
    return f"{int(signed[:4]) + _YEARS:04}-12-31" if form == "w8ben" else None


def reporting(draft: Draft) -> Reporting | None:
    """Return where the workspace reports; None: it never said so."""
    put: Reporting | None = draft.puts.get((Reporting, ID))  # type: ignore[assignment]
    return put or draft.state.tables[Reporting].get(ID)  # type: ignore[return-value]


def key_of(person: str, year: str) -> tuple[str, str, str, str]:
    """Return the key of the counter of what was paid to a person in a year."""
    return "", person, PAID, year


def paid(draft: Draft, person: str, year: str, unit: str) -> int:
    """Return what was paid to a person, and whom was merged into them, in a year."""
    counters = [limits.counter(draft, key_of(one, year)) for one in kin.all_of(draft.get, person)]
    return sum(each.amounts.get(unit, 0) for each in counters)


def valid(draft: Draft, person: str, jurisdiction: str, day: str) -> bool:
    """Return whether a form of a person, or of whom was merged into them, holds on a day."""
    forms = [draft.get(TaxForm, (one, jurisdiction)) for one in kin.all_of(draft.get, person)]
    return any(it is not None and it.holds(day) for it in forms)


def missing(draft: Draft, person: str, unit: str, more: int) -> Step | None:
    """Return what form is lacking once ``more`` is paid to a person today, and why; None: nothing is."""
    now = reporting(draft)
    if now is None:
        return None
    day = calendar.day(draft.as_of, now.timezone)
    year = day[:4]
    for jurisdiction in now.jurisdictions:
        limit = least(jurisdiction, unit, year)
        if limit is None or valid(draft, person, jurisdiction, day):
            continue
        so_far = paid(draft, person, year, unit)
        if so_far + more >= limit:
            values = {"jurisdiction": jurisdiction, "forms": list(FORMS[jurisdiction][:-1]), "year": year}
            told = {"paid": money.told(so_far), "more": money.told(more), "threshold": limit, "unit": unit}
            return Step("tax_form", values | told)
    return None


def unfit(draft: Draft, payouts: Iterable[Payout]) -> tuple[str, Step] | None:
    """Return what form is lacking for payouts that are to be released together; None: nothing is."""
    sums: dict[tuple[str, str], int] = {}
    for payout in payouts if reporting(draft) is not None else ():
        if payout.destination == payout.beneficiary:
            continue
        whose = payout.beneficiary, payout.unit
        sums[whose] = sums.get(whose, 0) + payout.amount
        lacks = missing(draft, *whose, sums[whose]) if payout.amount else None
        if lacks is not None:
            return "tax_form_missing", replace(lacks, values={"item": payout.id, **lacks.values})
    return None


def ask(draft: Draft, person: str, step: Step) -> None:
    """Note that a form is asked for, and say so once a year."""
    jurisdiction, year = str(step.values["jurisdiction"]), str(step.values["year"])
    form = draft.get(TaxForm, (person, jurisdiction)) or TaxForm(person=person, jurisdiction=jurisdiction)
    if form.asked_for == year:
        return
    draft.put(replace(form, asked_for=year, asked_at=draft.as_of))
    draft.say(Verdict(about="command", outcome="tax_form_asked", subject=person, beneficiary=person, steps=(step,)))


def ask_after(draft: Draft, items: Iterable[Item]) -> None:
    """Ask whoever was approved so much that with what is paid it reaches a threshold."""
    if reporting(draft) is None:
        return
    rewards = [draft.get(Reward, item.id) for item in items]
    approved = {it.beneficiary: None for it in rewards if it is not None and _owed(it)}
    for person in approved:
        sums: dict[str, int] = {}
        for it in draft.of(Reward, "unsettled_with", person):
            if _owed(it):
                sums[it.unit] = sums.get(it.unit, 0) + it.unsent
        for unit, more in sorted(sums.items()):
            step = missing(draft, person, unit, more)
            if step is not None:
                ask(draft, person, step)


def _owed(reward: Reward) -> bool:
    return reward.status == "approved" and to_payee(reward.kind)


def follow(draft: Draft) -> None:
    """Count what a decision let go to payees, and what came back."""
    now = reporting(draft)
    if now is None:
        return
    day = calendar.day(draft.as_of, now.timezone)
    for (noun, key), it in [*draft.puts.items()]:
        if noun is Payout:
            _count(draft, it, draft.state.tables[Payout].get(key), day)  # type: ignore[arg-type]


def _count(draft: Draft, payout: Payout, before: Payout | None, day: str) -> None:
    """A payout that was completed before anything was counted is left alone. Credit goes to no payee and is no payment."""
    counted = before is not None and before.paid_on is not None
    was = before.amount if counted else 0  # type: ignore[union-attr]
    counts = payout.status in COUNTED and payout.amount > 0 and payout.destination != payout.beneficiary
    if not counted and before is not None and before.status == "completed":
        return
    completes = payout.status == "completed" and (before is None or before.status != "completed")
    on = None if not counts else day if completes or not counted else before.paid_on  # type: ignore[union-attr]
    amount = payout.amount if counts else 0
    if before is not None and (was, before.paid_on) == (amount, on):
        return
    for when, change in ((before.paid_on if counted else None, -was), (on, amount)):  # type: ignore[union-attr]
        if when is not None and change:
            limits.add(draft, key_of(payout.beneficiary, when[:4]), (change > 0) - (change < 0), payout.unit, change)
    draft.put(replace(payout, paid_on=on))


def hold(draft: Draft, to: Mapping[str, Any]) -> None:
    """Let what was asked for hold from now on."""
    before, jurisdictions = reporting(draft), tuple(to["jurisdictions"])
    since = before.since if before is not None else draft.as_of
    draft.put(Reporting(id=ID, jurisdictions=jurisdictions, timezone=to["timezone"], since=since))
