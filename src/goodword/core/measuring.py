"""Measurement events: what each step of the program says of itself to who measures it, as a view of the log's entries.

``emitted`` gives those of one entry, from the entry alone: there is no second write path, and a log of before has them too. Each has a
name and a version (``EVENTS``). A version never changes its meaning: what is to mean something else is a new version beside it.
A measure (``MEASURES``) counts, sums or times them; ``rollup`` adds them up by slots, and ``Times`` pairs payments with what came before.
What each of them means is said by ``words``. Must not know: where anything is kept or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

from msgspec import Struct

from goodword.core import calendar
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import ClaimEntered, ClickRecorded, RewardsRejected, TouchesRecorded
from goodword.core.ledger import REPAID, WELCOME, Posting

#: Measurement event -> its version. What it tells, what its code is and what its amount is: ``measurement.<name>`` of the words.
EVENTS: Final = {
    "claim.created": 1,
    "claim.approved": 1,
    "claim.rejected": 1,
    "attribution.disputed": 1,
    "exception.raised": 1,
    "duplicate.found": 1,
    "reward.earned": 1,
    "reward.approved": 1,
    "reward.rejected": 1,
    "reward.paid": 1,
    "cost.booked": 1,
    "revenue.referred": 1,
}

How = Literal["count", "amount", "time"]


class Measure(NamedTuple):
    """How a measure is made of measurement events. ``of``: their name; of a time: that in which it ends; ``v``: its own version."""

    of: str
    how: How
    v: int = 1


#: Measure -> how it is made. By which formula: ``measure.<name>`` of the words.
MEASURES: Final = {
    "claims_created": Measure("claim.created", "count"),
    "claims_approved": Measure("claim.approved", "count"),
    "claims_rejected": Measure("claim.rejected", "count"),
    "attribution_disputed": Measure("attribution.disputed", "count"),
    "exceptions": Measure("exception.raised", "count"),
    "duplicates": Measure("duplicate.found", "count"),
    "rewards_earned": Measure("reward.earned", "amount"),
    "rewards_approved": Measure("reward.approved", "amount"),
    "rewards_rejected": Measure("reward.rejected", "amount"),
    "rewards_paid": Measure("reward.paid", "amount"),
    "approved_to_paid": Measure("reward.paid", "time"),
    "conversion_to_paid": Measure("reward.paid", "time"),
    "reward_cost": Measure("cost.booked", "amount"),
    "referred_revenue": Measure("revenue.referred", "amount"),
}
#: What is to be measured and nobody is asked for yet: it is absent, and not nought.
ABSENT: Final = ("satisfaction",)

#: Source and destination of a posting -> the metric of figures that it belongs to; earning is told by verdicts, which know the side.
MOVES: Final = {
    ("accrued", "expense"): "reversed",
    ("payable", "expense"): "reversed",
    ("receivable", "expense"): "reversed",
    ("accrued", "payable"): "approved",
    ("payable", "accrued"): "withdrawn",
    ("payable", "clearing"): "sent",
    ("payable", "receivable"): "netted",
    ("payable", "between"): "netted",
    ("clearing", "settled"): "paid",
    ("clearing", "credit"): "paid",
    ("accrued", "settled"): "paid",
    ("payable", "settled"): "paid",
    ("receivable", "settled"): "paid",
    ("credit", "settled"): "redeemed",
    ("settled", "credit"): "unredeemed",
    ("credit", "receivable"): "credit_taken",
    ("credit", "expense"): "credit_expired",
    ("clearing", "payable"): "came_back",
    ("clearing", "receivable"): "came_back",
    ("settled", "payable"): "came_back",
    ("settled", "receivable"): "came_back",
    ("clearing", "expense"): "came_back",
    ("settled", "expense"): "came_back",
    ("expense", "receivable"): "let_off",
}
#: Refusals that say that something was there before.
DUPLICATES: Final = frozenset(["duplicate_conversion", "duplicate_friend", "duplicate_refund"])
#: How a claim was decided -> what is measured of it.
_DECIDED: Final = {"won": "claim.approved", "split": "claim.approved", "lost": "claim.rejected", "none": "claim.rejected"}
#: Steps that say that somebody else has the friend, or that a person decided that nobody has: who claims them disputes that.
_TAKEN: Final = ("bound", "by_decision")
_TIME: Final = slice(4, 14)  # of an id: the digits that say when it was made


class Measurement(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that was measured: the ``n``-th (from 1) of the entry at ``position``.

    ``amount`` is in minor units of ``unit``, or points; ``code`` tells those of one name apart; ``subject``: the id of what it is about.
    """

    position: int
    n: int
    name: str
    v: int
    decided_at: int
    occurred_at: int
    program: str | None = None
    subject: str | None = None
    unit: str | None = None
    amount: int | None = None
    code: str | None = None


class Took(NamedTuple):
    """How long it took until a reward was paid, in microseconds. ``measure``: from what on."""

    measure: str
    paid: Measurement
    duration: int


def emitted(entry: Entry) -> list[Measurement]:
    """The measurement events of an entry, in a fixed order."""
    found: list[Measurement] = []
    if not entry.postings and all(verdict.outcome == "recorded" and not verdict.steps for verdict in entry.verdicts):
        return found  # what comes most often, such as clicks, is asked nothing more
    event, at = entry.event, entry.event.at

    def say(name: str, subject: str | None, program: str | None, when: int = at, **more: Any) -> None:
        found.append(
            Measurement(
                position=entry.position,
                n=len(found) + 1,
                name=name,
                v=EVENTS[name],
                decided_at=entry.as_of,
                occurred_at=when,
                program=program or None,
                subject=subject,
                **more,
            )
        )

    earned: dict[str, int] = {}
    claims: set[str] = set()
    met: set[tuple[str | None, str]] = set()
    rejected = False
    for verdict in entry.verdicts:
        about, outcome, program, subject = verdict.about, verdict.outcome, verdict.program, verdict.subject
        steps = {step.code: step.values for step in verdict.steps}
        when = at
        if about == "reward" and "terms" in steps:
            when = steps["terms"].get("at", at)
        for claim in _opened(verdict, event.evt) if "claim" in steps else ():
            if claim in claims:
                continue
            claims.add(claim)
            say("claim.created", claim, program)
            taken = any(code in steps for code in _TAKEN)
            if taken:
                say("duplicate.found", claim, program, code="duplicate_claim")
            if taken or type(event) in (ClaimEntered, ClickRecorded, TouchesRecorded):
                say("attribution.disputed", claim, program, code="opened")
        if verdict.refusal in DUPLICATES:
            say("duplicate.found", subject, program, code=verdict.refusal)
        for code in verdict.flags:
            say("exception.raised", subject, program, when, code=steps["correction"]["origin"] if code == "correction" else code)
        if outcome == "case_opened" and not verdict.flags:
            say("exception.raised", subject, program, code="held")
        elif outcome == "chargeback_opened":
            say("exception.raised", subject, program, code="chargeback")
        elif about == "command" and subject is not None and subject.startswith("clm_"):
            if outcome in _DECIDED:
                say(_DECIDED[outcome], subject, program)
            elif outcome == "appealed":
                say("attribution.disputed", subject, program, code="appealed")
        elif about == "reward" and outcome in ("earned", "corrected") and subject is not None:
            when = when if outcome == "earned" else entry.as_of
            earned[subject] = when
            say("reward.earned", subject, program, when, unit=verdict.unit, amount=verdict.amount)
        elif about == "reward" and outcome == "rejected":
            rejected = True
            say("reward.rejected", subject, program, unit=verdict.unit, amount=steps["was"]["amount"] if "was" in steps else 0)
        if (verdict.refusal is not None and verdict.side is not None) or (about == "reward" and outcome == "earned"):
            said = terms(verdict)
            if said is not None and (program, said["conversion"]) not in met:
                met.add((program, said["conversion"]))
                for unit, amount in priced(verdict):
                    say("revenue.referred", said["conversion"], program, when, unit=unit, amount=amount)
    moved, cost = _moved(entry.postings)
    if not rejected and type(event) is RewardsRejected:  # before each reward had a verdict of its own, a rejection had one alone
        for (program, unit, reward), amount in cost.items():
            say("reward.rejected", reward, program, unit=unit, amount=-amount)
    for (name, reward), (posting, amount) in moved.items():
        code = "welcome" if name == "reward.approved" and posting.source != "accrued" else None
        say(name, reward, posting.program, unit=posting.unit, amount=amount, code=code)
    for (program, unit, reward), amount in cost.items():
        if amount:
            say("cost.booked", reward, program, earned.get(reward, at), unit=unit, amount=amount)
    return found


def _opened(verdict: Verdict, evt: str) -> Iterator[str]:
    """The claims that a verdict opened: it may name open ones too, and what an event made has the event's time in its id."""
    if verdict.about == "command" and verdict.outcome != "claim_opened":
        return
    for step in verdict.steps:
        if step.code == "claim" and step.values["claim"][_TIME] == evt[_TIME]:
            yield step.values["claim"]


def _moved(
    postings: Iterable[Posting],
) -> tuple[dict[tuple[str, str], tuple[Posting, int]], dict[tuple[str, str, str], int]]:
    """What was approved and paid of each reward, with the first posting that says so; and what each cost, less what it costs no more."""
    moved: dict[tuple[str, str], tuple[Posting, int]] = {}
    cost: dict[tuple[str, str, str], int] = {}
    for posting in postings:
        metric = move(posting)
        if metric in ("approved", "paid"):
            key = f"reward.{metric}", posting.reward
            first, before = moved.get(key, (posting, 0))
            moved[key] = first, before + posting.amount
        if posting.source == "expense" != posting.destination:
            spent = posting.program, posting.unit, posting.reward
            cost[spent] = cost.get(spent, 0) + posting.amount
        elif posting.destination == "expense" != posting.source:
            spent = posting.to_program, posting.unit, posting.reward
            cost[spent] = cost.get(spent, 0) - posting.amount
    return moved, cost


def move(posting: Posting) -> str | None:
    """The metric of figures that a posting belongs to; None: to none."""
    if posting.source_owner == REPAID:
        return "repaid"
    metric = MOVES.get((posting.source, posting.destination))
    if metric == "sent" and posting.destination_owner == WELCOME:
        return "approved"  # it was no debt before, and nothing is sent
    return metric


def terms(verdict: Verdict) -> dict[str, Any] | None:
    """Under which terms a verdict was given; None: under none."""
    for step in verdict.steps:  # it is among the first; a loop costs a third of what ``next`` does
        if step.code == "terms":
            return step.values
    return None


def priced(verdict: Verdict) -> Iterator[tuple[str, int]]:
    """In which unit, and with what amount before refunds, the order behind a verdict met the rules."""
    for step in verdict.steps:
        values = step.values
        if step.code == "price":
            net = values.get("net", values["base"])
            yield values["currency"], int(net or 0) + int(values["refunded"])
        elif step.code == "currency":
            yield values["currency"], values["amount"] or 0


class Times:
    """Pairs payments with the last approval and the conversion before them: by measurement events alone, in the order of the log."""

    def __init__(self) -> None:
        self._approved: dict[str | None, int] = {}
        self._earned: dict[str | None, int] = {}

    def hear(self, measured: Iterable[Measurement]) -> Iterator[Took]:
        """Take the measurement events of an entry; yield what its payments took."""
        paid = []
        for it in measured:
            if it.name == "reward.earned":
                self._earned.setdefault(it.subject, it.occurred_at)
            elif it.name == "reward.approved" and it.code is None:
                self._approved[it.subject] = it.decided_at
            elif it.name == "reward.paid":
                paid.append(it)
        for it in paid:
            yield from took(it, self._approved.get(it.subject), self._earned.get(it.subject))


def pays(entry: Entry) -> list[Measurement]:
    """The payments of an entry: mostly there are none, which is seen at once."""
    if all(posting.destination not in ("settled", "credit") for posting in entry.postings):
        return []
    return [it for it in emitted(entry) if it.name == "reward.paid"]


def took(paid: Measurement, approved_at: int | None, earned_at: int | None) -> Iterator[Took]:
    """How long a payment took since each; since None it is not known, such as of what the shop takes off or another system owed."""
    if approved_at is None:
        return
    yield Took("approved_to_paid", paid, max(0, paid.decided_at - approved_at))
    if earned_at is not None:
        yield Took("conversion_to_paid", paid, max(0, paid.decided_at - earned_at))


_MINUTE, _HOUR, _DAY = (span // calendar.SECOND for span in (calendar.MINUTE, calendar.HOUR, calendar.DAY))


def rounded(duration: int) -> int:
    """A duration in seconds, rounded down: to whole seconds, from a minute on to minutes, from an hour on to hours, then to days.

    Days are whole from the hundredth on, so that there are some 2,500 different ones, and one more a day behind that. Rounding down
    keeps the order: the nearest rank among rounded durations is that of the durations, rounded.
    """
    seconds = duration // calendar.SECOND
    step = 1 if seconds < _MINUTE else _MINUTE if seconds < _HOUR else _HOUR if seconds < 100 * _DAY else _DAY
    return seconds - seconds % step


def rank(histogram: dict[int, int], percent: int) -> int | None:
    """The nearest rank of a percentile, exact: the smallest value with at least that share at or below it; None: there is none."""
    wanted = -(-percent * sum(histogram.values()) // 100)
    for value, count in sorted(histogram.items()):
        wanted -= count
        if wanted <= 0 < count:
            return value
    return None
