"""Why a reward waits: everything that stands between what was earned and the money.

``of`` finds which hold for one reward now. It must not know clocks: the caller says when.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goodword.core import payees
from goodword.core.kinds.rewards import to_payee
from goodword.core.state import BEFORE_PAYMENT, Case, Claim, Payee, Payout, Reward

#: What a reward may wait for, on its way. What each is and what ends it is said by ``words``.
HOLDS: Final = (
    "hold_period",
    "case_flags",
    "case_chargeback",
    "case_bank_line",
    "case_conversion_conflict",
    "case_refund_exceeds",
    "case_refund_conflict",
    "case_suspended",
    "case_held",
    "contested",
    "request",
    "payee_missing",
    "payee_asked",
    "payee_refused",
    "tax_form",
    "review",
    "second_person",
    "second_rejection",
    "not_due",
    "payout",
    "payout_minimum",
    "release",
    "second_release",
    "on_its_way",
    "rail_asked",
)


def of(
    reward: Reward,
    *,
    as_of: int,
    cases: Iterable[Case] = (),
    claims: Iterable[Claim] = (),
    payee: Payee | None = None,
    payout: Payout | None = None,
    draft: str | None = None,
) -> list[str]:
    """The codes of all that a reward waits for at ``as_of``, in the order of the list; empty for one that is over.

    ``cases``: its open ones; ``claims``: those that could move it;
    ``payee``: its beneficiary's; ``payout``: the one it is in; ``draft``: as what one would be refused,
    ``below_payout_minimum`` or ``tax_form_missing``.
    """
    deciding = [claim for claim in claims if claim.open_of == reward.friend]
    holding = {
        "hold_period": reward.status == "pending",
        **{f"case_{case.kind}": case.id in reward.cases for case in cases},
        "contested": any(claim.stops_at is not None for claim in deciding),
        "request": any(claim.stops_at is None for claim in deciding),
        "payee_missing": reward.status == "in_review" and to_payee(reward.kind) and payee is None,
        "review": reward.status == "in_review" and not reward.approvals,
        **dict.fromkeys(seconds(reward), True),
    }
    stopped = payees.refusal(payee, payee.destination if payee is not None else None, reward.id)
    if stopped is not None and to_payee(reward.kind) and reward.status in BEFORE_PAYMENT:
        holding[stopped[0]] = True
    if reward.status == "approved":
        holding["tax_form"] = draft == "tax_form_missing" and to_payee(reward.kind)
        holding |= _approved(reward, as_of, payout, below_minimum=draft == "below_payout_minimum")
    if reward.status == "processing":
        asked = payout is not None and payout.status == "unknown"
        holding |= {"rail_asked": asked, "on_its_way": not asked}
    return [code for code in HOLDS if holding.get(code)]


def seconds(reward: Reward) -> list[str]:
    """The holds of a reward about which one member has spoken and a second one, over the same list, is still to speak."""
    approving = reward.status == "in_review" and bool(reward.approvals)
    rejecting = reward.status in BEFORE_PAYMENT and bool(reward.rejecting)
    return [code for code, holds in (("second_person", approving), ("second_rejection", rejecting)) if holds]


def _approved(reward: Reward, as_of: int, payout: Payout | None, *, below_minimum: bool) -> dict[str, bool]:
    if payout is not None:
        return {"release": not payout.releases, "second_release": bool(payout.releases)}
    due = reward.due_at is not None and reward.due_at <= as_of
    return {"not_due": not due, "payout": due and not below_minimum, "payout_minimum": due and below_minimum}
