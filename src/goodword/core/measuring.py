"""Measurement events: what each step of the program says of itself to who measures it, as a view of the log's entries.

``emitted`` gives those of one entry, from the entry alone: there is no second write path, and a log of before has them too. Each has
a name and a version (``EVENTS``), which never changes its meaning: what is to mean something else is a new version beside it.
A measure (``MEASURES``) counts, sums or times them; ``rollup`` adds them up by slots, ``Times`` pairs payments with what came before.
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
    "dispute.answered": 1,
    "dispute.decided": 1,
    "satisfaction.said": 1,
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
    "first_answer": Measure("dispute.answered", "time"),
    "dispute_decision": Measure("dispute.decided", "time"),
    "reward_cost": Measure("cost.booked", "amount"),
    "referred_revenue": Measure("revenue.referred", "amount"),
    "satisfaction": Measure("satisfaction.said", "count"),
}
#: What is absent, and not nought, where nobody was asked or nobody said anything.
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
_DECIDED: Final = {
    "won": "claim.approved",
    "split": "claim.approved",
    "lost": "claim.rejected",
    "none": "claim.rejected",
}
#: Steps that say that somebody else has the friend, or that a person decided that nobody has: who claims them disputes that.
_TAKEN: Final = ("bound", "by_decision")
#: Outcomes of which something is measured, whatever they are about.
_TELLING: Final = ("case_opened", "chargeback_opened", "dispute_answered", "satisfaction_answered")
#: The unit of what somebody waited.
_SECONDS: Final = "s"
#: Measurement event that says how long somebody waited -> the measure that it is timed by.
_WAITED: Final = {"dispute.answered": "first_answer", "dispute.decided": "dispute_decision"}
_TIME: Final = slice(4, 14)  # of an id: the digits that say when it was made


class Measurement(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something that was measured: the ``n``-th (from 1) of the entry at ``position``. ``subject``: the id of what it is about.

    ``amount`` is in minor units of ``unit``, or points; ``code`` tells those of one name apart.
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
    """How long it took until a reward was paid, or a person answered, in microseconds. ``measure``: from what on."""

    measure: str
    paid: Measurement
    duration: int


def emitted(entry: Entry) -> list[Measurement]:
    """The measurement events of an entry, in a fixed order."""
    told = [verdict for verdict in entry.verdicts if _tells(verdict)]
    if not told and not entry.postings:
        return []  # what comes most often, such as clicks and leads, is asked nothing more
    it = _Emitting(entry)
    for verdict in told:
        steps = {step.code: step.values for step in verdict.steps}
        it.claims(verdict, steps)
        it.exceptions(verdict, steps)
        it.rewards(verdict, steps)
        it.answers(verdict, steps)
    it.money()
    return it.found


def _tells(verdict: Verdict) -> bool:
    """Whether anything may be measured of a verdict: of a friend's or an order's that goes its way without a claim, nothing is."""
    if verdict.about in ("reward", "command") or verdict.refusal is not None or verdict.flags:
        return True
    if verdict.outcome in _TELLING:
        return True
    return any(step.code == "claim" for step in verdict.steps)


class _Emitting:
    """An entry as it is measured. ``found``: so far."""

    def __init__(self, entry: Entry) -> None:
        self.found: list[Measurement] = []
        self._entry = entry
        self._at = entry.event.at
        #: rewards of this entry, and when their orders occurred
        self._earned: dict[str, int] = {}
        self._claims: set[str] = set()
        self._met: set[tuple[str | None, str]] = set()
        self._is_rejected = False

    def _say(
        self,
        name: str,
        subject: str | None,
        program: str | None,
        when: int | None = None,
        *,
        unit: str | None = None,
        amount: int | None = None,
        code: str | None = None,
    ) -> None:
        self.found.append(
            Measurement(
                position=self._entry.position,
                n=len(self.found) + 1,
                name=name,
                v=EVENTS[name],
                decided_at=self._entry.as_of,
                occurred_at=self._at if when is None else when,
                program=program or None,
                subject=subject,
                unit=unit,
                amount=amount,
                code=code,
            )
        )

    def claims(self, verdict: Verdict, steps: dict[str, dict[str, Any]]) -> None:
        """Claims that were opened, decided or appealed, and what was there before."""
        event, program, subject = self._entry.event, verdict.program, verdict.subject
        for claim in _opened(verdict, event.evt) if "claim" in steps else ():
            if claim in self._claims:
                continue
            self._claims.add(claim)
            self._say("claim.created", claim, program)
            taken = any(code in steps for code in _TAKEN)
            if taken:
                self._say("duplicate.found", claim, program, code="duplicate_claim")
            if taken or type(event) in (ClaimEntered, ClickRecorded, TouchesRecorded):
                self._say("attribution.disputed", claim, program, code="opened")
        if verdict.refusal in DUPLICATES:
            self._say("duplicate.found", subject, program, code=verdict.refusal)
        if verdict.about == "command" and subject is not None and subject.startswith("clm_"):
            if verdict.outcome in _DECIDED:
                self._say(_DECIDED[verdict.outcome], subject, program)
            elif verdict.outcome == "appealed":
                self._say("attribution.disputed", subject, program, code="appealed")

    def exceptions(self, verdict: Verdict, steps: dict[str, dict[str, Any]]) -> None:
        """What wants more than an approval: flags, corrections by what they are, holds of members, chargebacks."""
        subject, program = verdict.subject, verdict.program
        for flag in verdict.flags:
            code = steps["correction"]["origin"] if flag == "correction" else flag
            self._say("exception.raised", subject, program, self._occurred(verdict, steps), code=code)
        if verdict.outcome == "case_opened" and not verdict.flags:
            self._say("exception.raised", subject, program, code="held")
        elif verdict.outcome == "chargeback_opened":
            self._say("exception.raised", subject, program, code="chargeback")
        elif verdict.outcome == "satisfaction_answered":
            self._say("satisfaction.said", subject, program, code=str(steps["satisfaction"]["score"]))

    def rewards(self, verdict: Verdict, steps: dict[str, dict[str, Any]]) -> None:
        """Rewards that were earned or rejected, and what the order was that met the rules."""
        outcome, program, subject = verdict.outcome, verdict.program, verdict.subject
        when = self._occurred(verdict, steps)
        of_reward = verdict.about == "reward"
        if of_reward and outcome in ("earned", "corrected") and subject is not None:
            self._earned[subject] = when = when if outcome == "earned" else self._entry.as_of
            self._say("reward.earned", subject, program, when, unit=verdict.unit, amount=verdict.amount)
        elif of_reward and outcome == "rejected":
            self._is_rejected = True
            amount = steps["was"]["amount"] if "was" in steps else 0
            self._say("reward.rejected", subject, program, unit=verdict.unit, amount=amount)
        sided = verdict.refusal is not None and verdict.side is not None
        said = steps.get("terms") if sided or (of_reward and outcome == "earned") else None
        if said is not None and (program, said["conversion"]) not in self._met:
            self._met.add((program, said["conversion"]))
            for unit, amount in priced(verdict):
                self._say("revenue.referred", said["conversion"], program, when, unit=unit, amount=amount)

    def answers(self, verdict: Verdict, steps: dict[str, dict[str, Any]]) -> None:
        """What a person disputed or claimed and was answered: the first time, and by a decision; how many seconds they waited."""
        said = steps.get("answered") if verdict.outcome == "dispute_answered" else None
        if said is None:
            return
        for name, since in (("dispute.answered", said["first_since"]), ("dispute.decided", said["decided_since"])):
            if since is not None:
                waited = max(0, self._entry.as_of - since) // calendar.SECOND
                self._say(name, verdict.subject, verdict.program, unit=_SECONDS, amount=waited)

    def money(self) -> None:
        """What was approved and paid, and what it costs, by what was posted."""
        moved, cost = _moved(self._entry.postings)
        if (
            not self._is_rejected and type(self._entry.event) is RewardsRejected
        ):  # before each reward had a verdict of its own
            for (program, unit, reward), amount in cost.items():
                self._say("reward.rejected", reward, program, unit=unit, amount=-amount)
        for (name, reward), (posting, amount) in moved.items():
            code = "welcome" if name == "reward.approved" and posting.source != "accrued" else None
            self._say(name, reward, posting.program, unit=posting.unit, amount=amount, code=code)
        for (program, unit, reward), amount in cost.items():
            if amount:
                self._say("cost.booked", reward, program, self._earned.get(reward), unit=unit, amount=amount)

    def _occurred(self, verdict: Verdict, steps: dict[str, dict[str, Any]]) -> int:
        """When what a verdict tells occurred: of what a conversion earns, when that did, however late it is decided."""
        if verdict.about != "reward" or "terms" not in steps:
            return self._at
        at: int = steps["terms"].get("at", self._at)
        return at


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
    """What was approved and paid of each reward, with the first posting that says so; what each cost, less what it costs no more."""
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
            else:
                yield from waited(it)
        for it in paid:
            yield from took(it, self._approved.get(it.subject), self._earned.get(it.subject))


def waited(it: Measurement) -> Iterator[Took]:
    """How long somebody waited for an answer: such an event says it itself."""
    if it.name in _WAITED:
        yield Took(_WAITED[it.name], it, (it.amount or 0) * calendar.SECOND)


def answers(entry: Entry) -> list[Measurement]:
    """The answers of an entry to persons: mostly there are none, which is seen at once."""
    if all(verdict.outcome != "dispute_answered" for verdict in entry.verdicts):
        return []
    return [it for it in emitted(entry) if it.name in _WAITED]


def pays(entry: Entry) -> list[Measurement]:
    """The payments of an entry: mostly there are none, which is seen at once."""
    if all(posting.destination not in ("settled", "credit") for posting in entry.postings):
        return []
    return [it for it in emitted(entry) if it.name == "reward.paid"]


def took(paid: Measurement, approved_at: int | None, earned_at: int | None) -> Iterator[Took]:
    """How long a payment took since each; None: it is not known, such as of what the shop takes off or another system owed."""
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
