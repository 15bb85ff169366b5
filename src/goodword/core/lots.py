"""Lots of our own credit, each of one payout and reward: in which order they are used, and what a reward that falls takes back.

What is in a purse and what is behind a code fall alike.

Must not know: redemptions, payouts, what makes a reward fall.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from goodword.core import ledger
from goodword.core.decision import Step, Verdict
from goodword.core.draft import Draft
from goodword.core.state import Lot, Reward

#: The kinds of reward that can be delivered as our own credit.
KINDS: Final = ("credit", "points")


def in_order(lots: Iterable[Lot]) -> list[Lot]:
    """Return lots as they are used: the first that was delivered first, of one payout the first that was earned."""
    return sorted(lots, key=lambda lot: (lot.at, lot.earned_at, lot.id))


def take_back(draft: Draft, reward: Reward) -> Reward:
    """Take what is owed back of a reward from the credit that it brought, as far as that is still there; what was used stays owed.

    What of it has expired was of no use to anybody: nobody asks for that.
    """
    if reward.kind not in KINDS or not reward.receivable:
        return reward
    lots = in_order(draft.of(Lot, "reward", reward.id))
    if not lots:
        return reward
    now = reward
    codes: list[str] = []
    for lot in lots:
        taken = min(lot.rest, now.receivable)
        draft.postings += ledger.credit_taken(lot, now, taken)
        if taken:
            draft.put(replace(lot, rest=lot.rest - taken, taken=lot.taken + taken))
            now = replace(now, netted=now.netted + taken)
            codes += [lot.code] if lot.code else []
    taken = now.netted - reward.netted
    if taken:
        _say(draft, now, "credit", "taken_back", taken, *by_code(*dict.fromkeys(codes)))
    had_expired = min(now.receivable, max(0, sum(lot.expired for lot in lots) - now.forgiven))
    if had_expired:
        draft.postings += ledger.settled(now, had_expired, repaid=False)
        now = replace(now, forgiven=now.forgiven + had_expired)
        _say(draft, now, "reward", "credit_had_expired", had_expired)
    return draft.put(now) if now is not reward else reward


def by_code(*payouts: str | None) -> list[Step]:
    """Return what says that credit is behind the codes of these payouts; None: that it is in a purse, of which nothing is said."""
    return [Step("by_code", {"payout": payout}) for payout in payouts if payout is not None]


def _say(draft: Draft, reward: Reward, about: str, outcome: str, amount: int, *more: Step) -> None:
    step = Step("still_owed", {"owed": reward.receivable + amount, "amount": reward.receivable, "unit": reward.unit})
    verdict = Verdict(about=about, outcome=outcome, program=reward.program, subject=reward.id, side=reward.side)
    said = {"beneficiary": reward.beneficiary, "amount": amount, "unit": reward.unit}
    draft.say(replace(verdict, steps=(step, *more), **said))
