"""Why a reward waits: everything that stands between what was earned and the money, and what ends it.

The table is the documentation; ``of`` finds which lines hold for one reward now. It must not know clocks: the caller says when.
"""

from __future__ import annotations

from collections.abc import Iterable

from goodword.core.kinds.rewards import to_payee
from goodword.core.state import Case, Payee, Payout, Reward

#: code -> (why it waits, what ends it)
HOLDS: dict[str, tuple[str, str]] = {
    "hold_period": ("The order can still be returned.", "The end of the program's hold; then it is in review."),
    "case_flags": ("A signal found something to look at.", "A person decides the case. It never ends by itself."),
    "case_chargeback": (
        "The buyer's bank asks the payment back.",
        "The bank's decision, or a person decides the case.",
    ),
    "case_conversion_conflict": ("The invoice came again with other values.", "A person decides the case."),
    "case_suspended": ("The advocate was suspended.", "A person decides the case."),
    "payee_missing": ("No payment details are known.", "The beneficiary's payment details are entered."),
    "review": ("Nobody has approved it.", "A member approves or rejects it."),
    "second_person": ("One member approved it, and two are needed.", "Another member approves the same list."),
    "not_due": (
        "It is approved and not due yet.",
        "The due date: fifteen days after the end of the month of approval; kept where a payout came back.",
    ),
    "payout": ("It is due and in no payout.", "A member drafts a payout."),
    "payout_minimum": ("What is due is below the minimum for a payout.", "More becomes due."),
    "release": ("Its payout was not released.", "A member releases the payout."),
    "second_release": ("One member released its payout, and two are needed.", "Another member releases the same list."),
    "on_its_way": ("The rail carries it out.", "The rail's answer."),
    "rail_asked": (
        "Nobody knows whether it arrived; it is not sent twice.",
        "The rail's answer, or a person finds out.",
    ),
}


def of(
    reward: Reward,
    *,
    as_of: int,
    cases: Iterable[Case] = (),
    payee: Payee | None = None,
    payout: Payout | None = None,
    below_minimum: bool = False,
) -> list[str]:
    """The codes of all that a reward waits for at ``as_of``, in the order of the table; empty for one that is over.

    ``cases``: its open ones; ``payee``: its beneficiary's; ``payout``: the one it is in; ``below_minimum``: what the last draft said.
    """
    found = {
        "hold_period": reward.status == "pending",
        **{f"case_{case.kind}": case.id in reward.cases for case in cases},
        "payee_missing": reward.status == "in_review" and to_payee(reward.kind) and payee is None,
        "review": reward.status == "in_review" and not reward.approvals,
        "second_person": reward.status == "in_review" and bool(reward.approvals),
    }
    if reward.status == "approved":
        found |= _approved(reward, as_of, payout, below_minimum=below_minimum)
    if reward.status == "processing":
        asked = payout is not None and payout.status == "unknown"
        found |= {"rail_asked": asked, "on_its_way": not asked}
    return [code for code in HOLDS if found.get(code)]


def _approved(reward: Reward, as_of: int, payout: Payout | None, *, below_minimum: bool) -> dict[str, bool]:
    if payout is not None:
        return {"release": not payout.releases, "second_release": bool(payout.releases)}
    due = reward.due_at is not None and reward.due_at <= as_of
    return {"not_due": not due, "payout": due and not below_minimum, "payout_minimum": due and below_minimum}
