"""What the log says of a reward's money, entry by entry, beside what its row, its postings and its payout say.

Nothing is worked out a second time: an entry's leaf is held by the tree and was decided by the rules, and verification decides it anew.
Must not know: how entries are found, how a point is told.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from goodword.core import ledger, semantics, standing
from goodword.core.decision import Verdict
from goodword.core.entry import Entry
from goodword.core.events import PayoutReleased
from goodword.core.ledger import Posting
from goodword.core.state import Payout, Reward, Standing

#: Outcomes of a verdict that begins a reward; each later one says what the reward was before.
_FIRST: Final = ("earned", "corrected", "opened")
#: What a standing approval says of itself in the entry that made it hold, by the field of its row.
_TERMS: Final = {"sha256": "hash", "until": "until"} | {
    name: name for name in ("kind", "rail", "side", "unit", "per_reward", "per_beneficiary", "in_all")
}


class Said(Struct, frozen=True):
    """What an entry says that a reward is from then on: minor units or points."""

    position: int
    evt: str
    outcome: str
    amount: int


class Wrong(Struct, frozen=True):
    """A point that the log does not bear out: ``code``, and what was seen."""

    point: str
    code: str
    values: dict[str, Any]


def said(reward: Reward, entries: Iterable[Entry]) -> list[Said]:
    """Return what entries, the oldest first, say that a reward is, one each that says so."""
    return [
        Said(entry.position, entry.event.evt, verdict.outcome, verdict.amount or 0)
        for entry in entries
        for verdict in entry.verdicts
        if _tells(verdict, reward)
    ]


def _tells(verdict: Verdict, reward: Reward) -> bool:
    if verdict.about != "reward" or verdict.subject != reward.id or verdict.refused:
        return False
    return verdict.outcome in _FIRST or any(step.code == "was" for step in verdict.steps)


def wrong(
    reward: Reward,
    payout: Payout | None,
    it: Standing | None,
    entries: Sequence[Entry],
    booked: Iterable[tuple[int, Posting]],
) -> list[Wrong]:
    """Return what the log does not bear out of a reward. ``entries``: all that concern its money, the oldest first.

    ``payout``: its own; ``it``: the standing approval that it was approved by; ``booked``: its postings as they are stored, with where.
    """
    found = [_amount(reward, entries), _postings(reward, entries, booked), _sent(reward, payout, entries)]
    return [*filter(None, found), *filter(None, [_stood(reward, it, entries)])]


def _amount(reward: Reward, entries: Sequence[Entry]) -> Wrong | None:
    """Whether each change begins where the one before ended, and the last one is what the row says."""
    last: int | None = None
    for entry in entries:
        for verdict in (verdict for verdict in entry.verdicts if _tells(verdict, reward)):
            was = next((step.values["amount"] for step in verdict.steps if step.code == "was"), last)
            if last is not None and was != last and entry.semantics >= semantics.A_VERDICT_A_REWARD:
                return _differs("chain_broken", reward, last, entry.position)
            last = max(0, verdict.amount or 0)
    # Before that not every change had a verdict of its own.
    told = all(entry.semantics >= semantics.A_VERDICT_A_REWARD for entry in entries)
    if told and last != reward.amount:
        return _differs("log_differs", reward, last or 0, entries[-1].position if entries else None)
    return None


def _differs(code: str, reward: Reward, log: int, position: int | None) -> Wrong:
    return Wrong(
        "payout_calculation", code, {"amount": reward.amount, "log": log, "unit": reward.unit, "entry": position}
    )


def _postings(reward: Reward, entries: Sequence[Entry], booked: Iterable[tuple[int, Posting]]) -> Wrong | None:
    """Whether what is booked is what the log says, and comes to what the row says."""
    mine = [(entry.position, it) for entry in entries for it in entry.postings if it.reward == reward.id]
    costs, sent = sum(ledger.costs(it) for _, it in mine), sum(ledger.discharges(it) for _, it in mine)
    sends = reward.status in ("processing", "paid")
    if Tally(mine) == Tally(booked) and costs == ledger.cost(reward) and (not sends or sent == reward.sent):
        return None
    values = {"amount": ledger.cost(reward), "log": costs, "unit": reward.unit, "sent": reward.sent, "log_sent": sent}
    return Wrong("payout_calculation", "postings_differ", values)


def _sent(reward: Reward, payout: Payout | None, entries: Sequence[Entry]) -> Wrong | None:
    """Whether its payout sends and nets of it what the entry of the release booked."""
    if payout is None or reward.status not in ("processing", "paid"):
        return None
    released = [entry for entry in entries if _releases(entry, payout)]
    if not released:
        return None  # it was taken off an order, by an approval
    mine = next((part for part in payout.parts if part.reward == reward.id), None)
    its = [it for it in released[-1].postings if it.reward == reward.id and it.source == "payable"]
    sent = sum(it.amount for it in its if it.destination == "clearing")
    netted = sum(it.amount for it in its if it.destination in ("receivable", "between"))
    if mine is not None and (mine.sent, sum(amount for _, amount in mine.netted)) == (sent, netted):
        return None
    values = {"payout": payout.id, "payout_amount": payout.amount, "unit": reward.unit, "log": sent}
    return Wrong("payout_calculation", "payout_differs", values | {"entry": released[-1].position})


def _releases(entry: Entry, payout: Payout) -> bool:
    if isinstance(entry.event, PayoutReleased):
        return not entry.refused and any(item.id == payout.id for item in entry.event.items)
    its = (step.values for verdict in entry.verdicts if standing.approves(verdict) for step in verdict.steps)
    return any(values.get("payout") == payout.id for values in its)


def _stood(reward: Reward, it: Standing | None, entries: Sequence[Entry]) -> Wrong | None:
    """Whether two made the standing approval hold, on these terms, and it approved this reward within what was left of its limits."""
    if it is None:
        return None
    made = [
        (entry, verdict.steps[0].values)
        for entry in entries
        for verdict in entry.verdicts
        if verdict.outcome == "standing_granted" and verdict.subject == it.id
    ]
    terms = {named: getattr(it, field) for named, field in _TERMS.items()} | {"granted_by": [*it.granted_by]}
    if not made or any(made[-1][1].get(named) != value for named, value in terms.items()):
        return Wrong("approval", "standing_differs", {"approvals": [it.id]})
    confirmed = made[-1][0].facts.actor
    if confirmed is None or confirmed.id != it.granted_by[-1]:
        return Wrong("approval", "standing_differs", {"approvals": [it.id]})
    for entry in reversed(entries):
        for verdict in entry.verdicts:
            if standing.approves(verdict) and verdict.subject == reward.id:
                steps = {step.code: step.values for step in verdict.steps}
                left = steps["standing_left"]
                whole = steps["standing"]["standing"] == it.id and entry.as_of == reward.approved_at
                if whole and all(amount >= 0 for name, amount in left.items() if name != "unit"):
                    return None
                return Wrong("approval", "standing_differs", {"approvals": [it.id]})
    return Wrong("approval", "standing_differs", {"approvals": [it.id]})
