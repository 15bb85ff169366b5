"""Taxes: what was paid to each payee in a calendar year, the dated thresholds from which a form is needed, and what waits for one.

What is paid counts by payee, year and currency, in one counter each, from when a workspace says first in which jurisdictions it
reports. A payout counts on the day of its release, and once it is completed on that on which the bank booked it, or else on which that
was said; what is still under way of an earlier year is held against this one too. What comes back counts no more.
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
from goodword.core.facts import Actor
from goodword.core.kinds.rewards import to_payee
from goodword.core.stages import limits
from goodword.core.state import Booking, Kin, Payout, Reporting, Reward, TaxForm

#: The subject of all changes of it, and the id of what holds: a workspace has one.
ID: Final = "tax"
#: The kind of the counters of what was paid: by person and year, of no program.
PAID: Final = "paid"
#: And of those of what of that is not completed yet: it may arrive in a later year.
UNDER_WAY: Final = "under_way"
KINDS: Final = (PAID, UNDER_WAY)
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


def key_of(person: str, year: str, kind: str = PAID) -> tuple[str, str, str, str]:
    """Return the key of the counter of what was paid to a person in a year, or of what of that is under way."""
    return "", person, kind, year


def years(now: Reporting, year: str) -> list[str]:
    """Return the years before one in which something was counted."""
    return [f"{it:04}" for it in range(int(calendar.utc_day(now.since - calendar.DAY)[:4]), int(year))]


def paid(draft: Draft, now: Reporting, person: str, year: str, unit: str) -> int:
    """Return what was paid to a person, and whom was merged into them, in a year, or may arrive in it of what left before."""
    before = [(it, UNDER_WAY) for it in years(now, year)]
    names = kin.all_of(draft.get, person)
    counters = [limits.counter(draft, key_of(one, *its)) for one in names for its in ((year, PAID), *before)]
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
        so_far = paid(draft, now, person, year, unit)
        if so_far + more >= limit:
            values = {"jurisdiction": jurisdiction, "forms": list(FORMS[jurisdiction][:-1]), "year": year}
            told = {"paid": money.told(so_far), "more": money.told(more), "threshold": limit, "unit": unit}
            return Step("tax_form", values | told)
    return None


def unfit(draft: Draft, payouts: Iterable[Payout]) -> Step | None:
    """Return what form is lacking for payouts that are to be released together, and of which it is; None: nothing is."""
    sums: dict[tuple[str, str], int] = {}
    for payout in payouts if reporting(draft) is not None else ():
        if payout.destination == payout.beneficiary:
            continue
        whose = payout.beneficiary, payout.unit
        sums[whose] = sums.get(whose, 0) + payout.amount
        lacks = missing(draft, *whose, sums[whose]) if payout.amount else None
        if lacks is not None:
            return replace(lacks, values={"item": payout.id, **lacks.values})
    return None


def as_told(actor: Actor, step: Step) -> Step:
    """Return what form is lacking as an actor is told: what was paid is of all programs, and not for who is limited to some."""
    return _without_figures(step) if actor.programs else step


def _without_figures(step: Step) -> Step:
    return replace(step, values={name: it for name, it in step.values.items() if name not in ("paid", "more")})


def is_awaited(draft: Draft, person: str) -> bool:
    """Return whether a form of a person is asked for in the year that runs: what they are owed is not paid before it is there."""
    now = reporting(draft)
    if now is None:
        return False
    year = calendar.day(draft.as_of, now.timezone)[:4]
    forms = [draft.get(TaxForm, (person, jurisdiction)) for jurisdiction in now.jurisdictions]
    return any(it is not None and it.asked_for == year for it in forms)


def ask(draft: Draft, person: str, step: Step) -> None:
    """Note that a form is asked for, and say so once a year."""
    jurisdiction, year = str(step.values["jurisdiction"]), str(step.values["year"])
    form = draft.get(TaxForm, (person, jurisdiction)) or TaxForm(person=person, jurisdiction=jurisdiction)
    if form.asked_for == year:
        return
    draft.put(replace(form, asked_for=year, asked_at=draft.as_of))
    draft.say(Verdict(about="command", outcome="tax_form_asked", subject=person, beneficiary=person, steps=(step,)))


def merged(draft: Draft, keep: str, gone: str) -> None:
    """What is asked of two who are one is asked of whom they are now; of nobody, where the form of either holds."""
    now = reporting(draft)
    for jurisdiction in FORMS if now is not None else ():
        forms = [draft.get(TaxForm, (one, jurisdiction)) for one in (keep, gone)]
        asked = [it for it in forms if it is not None and it.asked_for is not None]
        day = calendar.day(draft.as_of, now.timezone)  # type: ignore[union-attr]
        for it in asked:
            draft.put(replace(it, asked_for=None, asked_at=None))
        if asked and not valid(draft, keep, jurisdiction, day):
            last = max(asked, key=lambda it: it.asked_for or "")
            form = draft.get(TaxForm, (keep, jurisdiction)) or TaxForm(person=keep, jurisdiction=jurisdiction)
            draft.put(replace(form, asked_for=last.asked_for, asked_at=last.asked_at))


def ask_after(draft: Draft, items: Iterable[Item], actor: Actor) -> None:
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
                ask(draft, person, as_told(actor, step))


def _owed(reward: Reward) -> bool:
    return reward.status == "approved" and to_payee(reward.kind)


def follow(draft: Draft) -> None:
    """Count what a decision let go to payees, and what came back."""
    now = reporting(draft)
    if now is None:
        return
    touched = dict.fromkeys(it.root for it in draft.puts.values() if isinstance(it, Kin))
    for (noun, key), it in [*draft.puts.items()]:
        if noun is Payout:
            after = _count(draft, now, it, draft.state.tables[Payout].get(key))  # type: ignore[arg-type]
            if after is not None and after.paid_on is not None:
                touched[kin.root(draft.get, after.beneficiary)] = None
    for person in touched:  # what arrives after all, in another year, or was two people's, is held by nothing
        _ask_reached(draft, now, person)


def _ask_reached(draft: Draft, now: Reporting, person: str) -> None:
    """Ask whom so much was paid already that a threshold is reached."""
    for unit in sorted({it.unit for it in THRESHOLDS if it.jurisdiction in now.jurisdictions}):
        step = missing(draft, person, unit, 0)
        if step is not None:  # whoever says what became of a payout may be limited to programs
            ask(draft, person, _without_figures(step))


def _count(draft: Draft, now: Reporting, payout: Payout, before: Payout | None) -> Payout | None:
    """Count a payout, and return it as it counts. One that was completed before anything was counted is left alone.

    Credit goes to no payee and is no payment.
    """
    counted = before is not None and before.paid_on is not None
    if not counted and before is not None and before.status == "completed":
        return None
    counts = payout.status in COUNTED and payout.amount > 0 and payout.destination != payout.beneficiary
    completes = payout.status == "completed" and (before is None or before.status != "completed")
    on = before.paid_on if before is not None else None
    if counts and (completes or not counted):
        on = _day(draft, now, payout, since=on, completes=completes)
    after = replace(payout, paid_on=on if counts else None)
    was, is_ = _counted(before), _counted(after)
    for kind, year in sorted({*was, *is_}):
        change = is_.get((kind, year), 0) - was.get((kind, year), 0)
        count = ((kind, year) in is_) - ((kind, year) in was)
        if change or count:
            limits.add(draft, key_of(payout.beneficiary, year, kind), count, payout.unit, change)
    return draft.put(after) if after.paid_on != payout.paid_on else after


def _counted(payout: Payout | None) -> dict[tuple[str, str], int]:
    """How a payout counts, by kind and year."""
    if payout is None or payout.paid_on is None:
        return {}
    kinds = (PAID,) if payout.status == "completed" else (PAID, UNDER_WAY)
    return {(kind, payout.paid_on[:4]): payout.amount for kind in kinds}


def _day(draft: Draft, now: Reporting, payout: Payout, *, since: str | None, completes: bool) -> str:
    """Return on which day a payout counts: today, or when the bank booked it, if that is no earlier than it left."""
    today = calendar.day(draft.as_of, now.timezone)
    booked = [it for it in draft.puts.values() if completes and isinstance(it, Booking) and it.payout == payout.id]
    days = [it.day for it in booked if it.said == "booked" and it.day is not None and (it.amount or -1) < 0]
    first = since if since is not None else calendar.day(now.since, now.timezone)
    return next((day for day in days if first <= day <= today), today)


def hold(draft: Draft, to: Mapping[str, Any]) -> None:
    """Let what was asked for hold from now on."""
    before, jurisdictions = reporting(draft), tuple(to["jurisdictions"])
    since = before.since if before is not None else draft.as_of
    draft.put(Reporting(id=ID, jurisdictions=jurisdictions, timezone=to["timezone"], since=since))
