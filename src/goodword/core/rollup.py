"""What an entry of the log adds to the figures of its day: pure, so that verification works them out again from the log alone.

A day is the UTC day of the entry's ``as_of``. Under ``EVER`` stands what each class of account of a program holds now.
Must not know: where figures are kept, how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from goodword.core import calendar
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import (
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
    RewardsRestored,
    TouchesRecorded,
)
from goodword.core.ledger import REPAID, Posting
from goodword.core.refusals import Refusal

#: Day, program (empty: the event names none), metric, unit (empty: it is only counted).
Key = tuple[str, str, str, str]
#: Key -> [count, amount in minor units or points].
Changes = dict[Key, list[int]]

EVER: Final = "ever"

#: What is counted; what each is, and what its amount is, is said by ``words``. ``REFUSED`` names the others, one a refusal.
METRICS: Final = (
    "clicks",
    "redirects",
    "leads",
    "attributed",
    "enrolled",
    "conversions",
    "refunded",
    "qualified",
    "earned_advocate",
    "earned_friend",
    "reversed",
    "approved",
    "withdrawn",
    "sent",
    "netted",
    "paid",
    "came_back",
    "repaid",
    "let_off",
)
#: Refusal -> the metric that counts it.
REFUSED: Final = {refusal.code: f"refused:{refusal.code}" for refusal in Refusal}
#: By which a reward of before may rise again.
_RAISING: Final = frozenset(
    [RewardsRestored, ConversionAmended, OrderAmended, RefundReturned, ChargebackOpened, ChargebackClosed, CaseDecided]
)
_EARNED: Final = {"advocate": "earned_advocate", "friend": "earned_friend"}
#: Source and destination of a posting -> the metric that it belongs to; earning is told by verdicts, which know the side.
_MOVES: Final = {
    ("accrued", "expense"): "reversed",
    ("payable", "expense"): "reversed",
    ("receivable", "expense"): "reversed",
    ("accrued", "payable"): "approved",
    ("payable", "accrued"): "withdrawn",
    ("payable", "clearing"): "sent",
    ("payable", "receivable"): "netted",
    ("payable", "between"): "netted",
    ("clearing", "settled"): "paid",
    ("clearing", "payable"): "came_back",
    ("clearing", "receivable"): "came_back",
    ("settled", "payable"): "came_back",
    ("settled", "receivable"): "came_back",
    ("clearing", "expense"): "came_back",
    ("settled", "expense"): "came_back",
    ("expense", "receivable"): "let_off",
}


def changes(entry: Entry) -> Changes:
    """What one entry adds."""
    added: Changes = {}
    fold(added, entry)
    return added


def fold(into: Changes, entry: Entry) -> None:
    """Add what an entry adds to what others of its batch do."""
    day = calendar.utc_day(entry.as_of)
    event = entry.event
    counted = _EVENTS.get(type(event))
    qualified: set[tuple[str, str]] = set()
    for verdict in entry.verdicts:
        if verdict.about == "event" and verdict.refusal is not None:
            counted = None  # refused as a whole: it counts as that only
        _verdict(into, day, verdict, qualified)
    if counted is not None:
        metric, unit, count, amount = counted(event)
        _add(into, (day, event.program or "", metric, unit), count, amount)
    if entry.postings:
        risen = _risen(entry) if type(event) in _RAISING else []
        _postings(into, day, [posting for posting in entry.postings if posting not in risen], risen)


def _add(into: Changes, key: Key, count: int, amount: int) -> None:
    sums = into.get(key)
    if sums is None:
        into[key] = [count, amount]
    else:
        sums[0] += count
        sums[1] += amount


def _verdict(into: Changes, day: str, verdict: Verdict, qualified: set[tuple[str, str]]) -> None:
    program, about, outcome = verdict.program or "", verdict.about, verdict.outcome
    if verdict.refusal is not None:
        _add(into, (day, program, REFUSED[verdict.refusal], ""), 1, 0)
        if verdict.side is not None:
            _qualified(into, day, program, verdict, qualified)
    elif about == "reward" and outcome == "earned":
        _add(into, (day, program, _EARNED[verdict.side or ""], verdict.unit or ""), 1, verdict.amount or 0)
        _qualified(into, day, program, verdict, qualified)
    elif about == "event" and outcome == "amended" and verdict.amount is not None:
        values = next(step.values for step in verdict.steps if step.code == "amended")
        _add(into, (day, program, "conversions", verdict.unit or ""), 0, values["now"] - (values["was"] or 0))
    elif about == "event" and outcome == "canceled" and verdict.amount:
        _add(into, (day, program, "refunded", verdict.unit or ""), 1, verdict.amount)
    elif about == "refund" and outcome == "returned" and verdict.amount and verdict.unit:
        _add(into, (day, program, "refunded", verdict.unit), 0, -verdict.amount)
    elif about == "refund" and outcome == "applied":
        _add(into, (day, program, "refunded", verdict.unit or ""), 1, verdict.amount or 0)
    elif outcome in ("attributed", "enrolled") and about in ("attribution", "event"):
        _add(into, (day, program, outcome, ""), 1, 0)


def _qualified(into: Changes, day: str, program: str, verdict: Verdict, before: set[tuple[str, str]]) -> None:
    """A verdict about one side is given only where the whole conversion met the rules; it counts once a program."""
    conversion = next(step.values["conversion"] for step in verdict.steps if step.code == "terms")
    if (program, conversion) in before:
        return
    before.add((program, conversion))
    for step in verdict.steps:
        values = step.values
        if step.code == "price":
            _add(into, (day, program, "qualified", values["currency"]), 1, _charged(values))
        elif step.code == "currency":
            _add(into, (day, program, "qualified", values["currency"]), 1, values["amount"] or 0)


def _risen(entry: Entry) -> list[Posting]:
    """Of what an entry posts, that by which rewards of before rise again."""
    earned = {verdict.subject for verdict in entry.verdicts if verdict.outcome == "earned"}
    return [posting for posting in entry.postings if posting.source == "expense" and posting.reward not in earned]


def _charged(price: dict[str, Any]) -> int:
    """The amount of the order behind a price."""
    net = price.get("net", price["base"])
    return int(net or 0) + int(price["refunded"])


def _postings(into: Changes, day: str, postings: Iterable[Posting], risen: Iterable[Posting]) -> None:
    """A reward of which two parts make the same move counts once; what rises again lessens what was reversed."""
    moved: set[tuple[str, str]] = set()
    for posting in risen:
        unit, amount = posting.unit, posting.amount
        _add(into, (EVER, posting.program, posting.source, unit), 1, -amount)
        _add(into, (EVER, posting.to_program, posting.destination, unit), 1, amount)
        _add(into, (day, posting.program, "reversed", unit), 0, -amount)
    for posting in postings:
        unit, amount = posting.unit, posting.amount
        _add(into, (EVER, posting.program, posting.source, unit), 1, -amount)
        _add(into, (EVER, posting.to_program, posting.destination, unit), 1, amount)
        metric = _MOVES.get((posting.source, posting.destination))
        if posting.source_owner == REPAID:
            metric = "repaid"
        if metric is not None:
            known = (metric, posting.reward) in moved
            _add(into, (day, posting.program, metric, unit), 0 if known else 1, amount)
            moved.add((metric, posting.reward))


def _paid(event: ConversionRecorded) -> tuple[str, str, int, int]:
    return "conversions", event.currency or "", 1, event.amount or 0


_EVENTS: Final[dict[type[Event], Callable[[Any], tuple[str, str, int, int]]]] = {
    ClickRecorded: lambda _: ("clicks", "", 1, 0),
    TouchesRecorded: lambda event: ("redirects", "", event.count, 0),
    LeadCreated: lambda _: ("leads", "", 1, 0),
    ConversionRecorded: _paid,
}
