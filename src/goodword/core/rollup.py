"""What an entry of the log adds to the figures: pure, so that verification works them out again from the log alone.

They are those of a slot, a quarter of an hour in UTC, of which the days of any zone are made. An entry counts in the slot
in which it was decided, by its ``as_of``, and in that in which what it tells occurred: mostly they are one, and it is added there once.
What the slots of a UTC day come to stands beside them under ``DAY``, so that who reads days need not read a hundred slots of each.
Under ``EVER`` stands what each class of account of a program holds now. Measurement events (``measuring``) are added up beside.
Must not know: where figures are kept, how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Literal

from goodword.core import calendar, measuring, recommendation
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import (
    ApprovalGiven,
    CaseDecided,
    ChargebackClosed,
    ChargebackOpened,
    ClickRecorded,
    ConversionAmended,
    ConversionRecorded,
    Event,
    LeadCreated,
    OrderAmended,
    RefundReturned,
    RewardsRejected,
    RewardsRestored,
    TouchesRecorded,
)
from goodword.core.ledger import Posting
from goodword.core.refusals import Refusal

#: By what a slot is found: when it was decided, when it occurred, or either.
Basis = Literal["decided", "occurred", "both"]
#: The slots in which something counts.
Slots = tuple[tuple[str, Basis], ...]
#: Slot, program (empty: the event names none), metric, unit (empty: it is only counted), basis.
Key = tuple[str, str, str, str, Basis]
#: Metric, unit, count, amount.
Counted = tuple[str, str, int, int]
#: Key -> [count, amount in minor units or points].
Changes = dict[Key, list[int]]

EVER: Final = "ever"
#: Before the date of a UTC day: behind all quarters of an hour, so that none of their spans holds it.
DAY: Final = "day:"
#: Before the slot of a measurement event, and behind ``DAY`` before its day: no span of figures holds any, for they are no metrics.
MEASURED: Final = "measure:"
_MIDNIGHT: Final = "T00:00"
#: Under which stands how often who decided agreed with what was recommended: the unit is the member and the rule version.
AGREEMENT: Final = "agreement"
_EVER: Final[Slots] = ((EVER, "both"),)

#: What is counted; what each is, and what its amount is, is said by ``words``. ``REFUSED`` names the others, one a refusal.
METRICS: Final = (
    "clicks",
    "redirects",
    "bot_clicks",
    "bot_redirects",
    "leads",
    "attributed",
    "enrolled",
    "conversions",
    "refunded",
    "qualified",
    "earned_advocate",
    "earned_friend",
    "corrected",
    "reversed",
    "approved",
    "withdrawn",
    "sent",
    "netted",
    "paid",
    "came_back",
    "repaid",
    "let_off",
    "redeemed",
    "unredeemed",
    "credit_taken",
    "credit_expired",
)
#: Refusal -> the metric that counts it.
REFUSED: Final = {refusal.code: f"refused:{refusal.code}" for refusal in Refusal}
#: By which a reward of before may rise again.
_RAISING: Final = frozenset(
    [RewardsRestored, ConversionAmended, OrderAmended, RefundReturned, ChargebackOpened, ChargebackClosed, CaseDecided]
)
_EARNED: Final = {"advocate": "earned_advocate", "friend": "earned_friend"}


def changes(entry: Entry) -> Changes:
    """What one entry adds."""
    added: Changes = {}
    fold(added, entry)
    return with_days(added)


def with_days(slots: Changes) -> Changes:
    """What entries add, together with what that comes to in the days of UTC: once a batch, for a day has many slots and entries."""
    days: Changes = {}
    for (slot, *what), (count, amount) in slots.items():
        if slot[-len(_MIDNIGHT) : -len(_MIDNIGHT) + 1] == _MIDNIGHT[0]:
            sums = days.setdefault((_day(slot), *what), [0, 0])  # type: ignore[arg-type]
            sums[0] += count
            sums[1] += amount
    return slots | days


def add(into: Changes, others: Changes) -> None:
    """Add what other entries add."""
    for key, (count, amount) in others.items():
        sums = into.setdefault(key, [0, 0])
        sums[0] += count
        sums[1] += amount


def fold(into: Changes, entry: Entry) -> None:
    """Add what an entry adds to the slots of others of its batch; the days follow from all of them (``with_days``)."""
    event = entry.event
    when = _slots(entry.as_of, event.at)
    counted = _EVENTS.get(type(event))
    qualified: set[tuple[str, str]] = set()
    for verdict in entry.verdicts:
        if verdict.about == "event" and verdict.refusal is not None:
            counted = None  # refused as a whole: it counts as that only
        _verdict(into, when, entry.as_of, verdict, qualified)
    if counted is not None:
        for metric, unit, count, amount in counted(event):
            _add(into, when, event.program or "", metric, unit, count, amount)
    if type(event) in (ApprovalGiven, RewardsRejected):
        _agreed(into, entry)
    if entry.postings:
        risen = _risen(entry) if type(event) in _RAISING else []
        left = [posting for posting in entry.postings if posting not in risen] if risen else entry.postings
        _postings(into, when, left, risen)
    measured(into, measuring.emitted(entry))


def measured(into: Changes, events: Iterable[measuring.Measurement]) -> None:
    """Add measurement events: by unit where they have an amount, else by code."""
    for it in events:
        when = _measured(it.decided_at // calendar.QUARTER_HOUR, it.occurred_at // calendar.QUARTER_HOUR)
        _add(into, when, it.program or "", named(it.name, it.v), it.unit or it.code or "", 1, it.amount or 0)


def took(into: Changes, times: Iterable[measuring.Took]) -> None:
    """Add how long payments took: one for each, where the unit is the seconds to which it is rounded."""
    for measure, paid, duration in times:
        when = _measured(paid.decided_at // calendar.QUARTER_HOUR, paid.occurred_at // calendar.QUARTER_HOUR)
        name = named(measure, measuring.MEASURES[measure].v)
        _add(into, when, paid.program or "", name, str(measuring.rounded(duration)), 1, 0)


def named(name: str, version: int) -> str:
    """The metric under which a measurement event is added up, or a time: each version by itself."""
    return f"{name}:{version}"


def measured_span(begins: str, ends: str) -> tuple[str, str]:
    """The slots of measures from one instant's slot up to another's, or where both begin a day of UTC, those of the days."""
    if begins.endswith(_MIDNIGHT) and ends.endswith(_MIDNIGHT):
        return _day(MEASURED + begins), _day(MEASURED + ends)
    return MEASURED + begins, MEASURED + ends


def span(begins: str, ends: str) -> tuple[str, str]:
    """The slots of a day of some zone: from its first one up to that of the next day, or where it is one of UTC, that of the whole."""
    one, other = begins.removesuffix(_MIDNIGHT), ends.removesuffix(_MIDNIGHT)
    if begins == one + _MIDNIGHT and ends == other + _MIDNIGHT and calendar.days_apart(one, other) == 1:
        return DAY + one, DAY + other
    return begins, ends


def _agreed(into: Changes, entry: Entry) -> None:
    """What was recommended of rewards beside what was decided: for each who said so, by program of the rules' own hash."""
    actor = entry.facts.actor.id if entry.facts.actor is not None else ""
    for step in (step for verdict in entry.verdicts for step in verdict.steps if step.code == "recommended"):
        values = step.values
        for member in (*values["first"], actor):
            unit = f"{member} {values['rules']}"
            _add(into, ((AGREEMENT, "both"),), "", recommendation.agreement(step), unit, len(values["items"]), 0)


def _slots(decided: int, occurred: int) -> Slots:
    """The slots of something that was decided and occurred then."""
    return _quarters(decided // calendar.QUARTER_HOUR, occurred // calendar.QUARTER_HOUR)


@lru_cache(maxsize=4096)
def _quarters(decided: int, occurred: int) -> Slots:
    one, other = calendar.utc_slot(decided * calendar.QUARTER_HOUR), calendar.utc_slot(occurred * calendar.QUARTER_HOUR)
    return ((one, "both"),) if one == other else ((one, "decided"), (other, "occurred"))


@lru_cache(maxsize=4096)
def _measured(decided: int, occurred: int) -> Slots:
    return tuple((MEASURED + slot, basis) for slot, basis in _quarters(decided, occurred))


def _day(slot: str) -> str:
    return DAY + slot[: -len(_MIDNIGHT)]


def _add(into: Changes, when: Slots, program: str, metric: str, unit: str, count: int, amount: int) -> None:
    """Add to a program's metric in a unit, in each of the slots."""
    for slot, basis in when:
        key = (slot, program, metric, unit, basis)
        sums = into.get(key)
        if sums is None:
            into[key] = [count, amount]
        else:
            sums[0] += count
            sums[1] += amount


def _verdict(into: Changes, when: Slots, as_of: int, verdict: Verdict, qualified: set[tuple[str, str]]) -> None:
    """Of what a conversion earns, and whether it met the rules, that occurred when the conversion did, however late it is decided."""
    program, about, outcome = verdict.program or "", verdict.about, verdict.outcome
    if about == "reward" and (terms := measuring.terms(verdict)) is not None and "at" in terms:
        when = _slots(as_of, terms["at"])
    if verdict.refusal is not None:
        _add(into, when, program, REFUSED[verdict.refusal], "", 1, 0)
        if verdict.side is not None:
            _qualified(into, when, program, verdict, qualified)
    elif about == "reward" and outcome == "earned":
        _add(into, when, program, _EARNED[verdict.side or ""], verdict.unit or "", 1, verdict.amount or 0)
        _qualified(into, when, program, verdict, qualified)
    elif about == "reward" and outcome == "corrected":
        _add(into, when, program, "corrected", verdict.unit or "", 1, verdict.amount or 0)
    elif about == "event" and outcome == "amended" and verdict.amount is not None:
        values = next(step.values for step in verdict.steps if step.code == "amended")
        _add(into, when, program, "conversions", verdict.unit or "", 0, values["now"] - (values["was"] or 0))
    elif about == "event" and outcome == "canceled" and verdict.amount:
        _add(into, when, program, "refunded", verdict.unit or "", 1, verdict.amount)
    elif about == "refund" and outcome == "returned" and verdict.amount and verdict.unit:
        _add(into, when, program, "refunded", verdict.unit, 0, -verdict.amount)
    elif about == "refund" and outcome == "applied":
        _add(into, when, program, "refunded", verdict.unit or "", 1, verdict.amount or 0)
    elif outcome in ("attributed", "enrolled") and about in ("attribution", "event", "enrolment"):
        _add(into, when, program, outcome, "", 1, 0)
    elif about == "reward":
        for less in (step.values["amount"] for step in verdict.steps if step.code == "not_booked"):
            _add(into, when, program, "reversed", verdict.unit or "", int(less > 0), less)


def _qualified(into: Changes, when: Slots, program: str, verdict: Verdict, before: set[tuple[str, str]]) -> None:
    """A verdict about one side is given only where the whole conversion met the rules; it counts once a program."""
    terms = measuring.terms(verdict)
    if terms is None:
        raise LookupError(f"a verdict about {verdict.side} names no order")
    conversion = terms["conversion"]
    if (program, conversion) in before:
        return
    before.add((program, conversion))
    for unit, amount in measuring.priced(verdict):
        _add(into, when, program, "qualified", unit, 1, amount)


def _risen(entry: Entry) -> list[Posting]:
    """Of what an entry posts, that by which rewards of before rise again: what is earned now is none, nor is expired credit."""
    others = {verdict.subject for verdict in entry.verdicts if verdict.outcome in ("earned", "credit_had_expired")}
    return [posting for posting in entry.postings if posting.source == "expense" and posting.reward not in others]


def _postings(into: Changes, when: Slots, postings: Iterable[Posting], risen: Iterable[Posting]) -> None:
    """A reward of which two parts make the same move counts once; what rises again lessens what was reversed."""
    moved: set[tuple[str, str]] = set()
    for posting in risen:
        unit, amount = posting.unit, posting.amount
        _add(into, _EVER, posting.program, posting.source, unit, 1, -amount)
        _add(into, _EVER, posting.to_program, posting.destination, unit, 1, amount)
        _add(into, when, posting.program, "reversed", unit, 0, -amount)
    for posting in postings:
        unit, amount = posting.unit, posting.amount
        _add(into, _EVER, posting.program, posting.source, unit, 1, -amount)
        _add(into, _EVER, posting.to_program, posting.destination, unit, 1, amount)
        metric = measuring.move(posting)
        if metric is not None:
            known = (metric, posting.reward) in moved
            _add(into, when, posting.program, metric, unit, 0 if known else 1, amount)
            moved.add((metric, posting.reward))


def _paid(event: ConversionRecorded) -> Iterator[Counted]:
    yield "conversions", event.currency or "", 1, event.amount or 0


def _clicked(event: ClickRecorded) -> Iterator[Counted]:
    yield "bot_clicks" if event.bot else "clicks", "", 1, 0


def _followed(event: TouchesRecorded) -> Iterator[Counted]:
    """People and bots apart: what wins nobody is in no ratio."""
    if event.count > event.bots:
        yield "redirects", "", event.count - event.bots, 0
    if event.bots:
        yield "bot_redirects", "", event.bots, 0


def _known(_: LeadCreated) -> Iterator[Counted]:
    yield "leads", "", 1, 0


_EVENTS: Final[dict[type[Event], Callable[[Any], Iterator[Counted]]]] = {
    ClickRecorded: _clicked,
    TouchesRecorded: _followed,
    LeadCreated: _known,
    ConversionRecorded: _paid,
}
