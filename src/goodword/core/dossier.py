"""The six pieces of evidence of a reward, and which it lacks: without the first five nobody approves it, without all it is not sent.

What stops a reward for other reasons, such as an open case, has a refusal of its own, which is told first.
"""

from __future__ import annotations

from typing import Final

from goodword.core import confidence, contested, ledger, semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.state import Conversion, Referral, Reward

#: In the order of the record. The last one is what an approval itself makes.
EVIDENCE: Final = (
    "source_attribution",
    "qualifying_event",
    "program_terms",
    "fraud_check",
    "payout_calculation",
    "approval_record",
)


def lacking(draft: Draft, reward: Reward) -> tuple[str, ...]:
    """Return which of the six pieces a reward lacks, in their order.

    What another system owed (an opening balance) was brought by nobody here: it is shown by the event that told of it. So is a
    correction, which no order and no rule made: by who entered it, why, and what it rests on.
    """
    order = draft.get(Conversion, reward.conversion)
    opened = ledger.of_no_order(reward.on)
    referral = None if opened else draft.get(Referral, reward.referral)
    corrected = ledger.correction(reward.on) is not None
    version = draft.rules.get(reward.rules)
    rule = version.means.conversion(reward.on) if version is not None else None
    there = {
        "source_attribution": opened or (referral is not None and bool(confidence.of(referral).grounds)),
        "qualifying_event": corrected or (order is not None and order.status == "paid" and order.evt is not None),
        "program_terms": version is not None,
        "fraud_check": contested.by(draft, reward) is None,
        "payout_calculation": opened or (rule is not None and reward.rule < len(rule.rewards)),
        "approval_record": bool(reward.approvals) and reward.approved_at is not None,
    }
    return tuple(piece for piece in EVIDENCE if not there[piece])


def refusal(draft: Draft, reward: Reward, item: str, *, sends: bool = False) -> tuple[str, Step] | None:
    """Return what is said to who would approve, or (``sends``) release, a reward that lacks a piece; ``item``: what they listed."""
    if draft.semantics < semantics.EVIDENCE_IS_WHOLE:
        return None
    lacks = [piece for piece in lacking(draft, reward) if sends or piece != EVIDENCE[-1]]
    if not lacks:
        return None
    return "evidence_missing", Step("lacks", {"item": item, "reward": reward.id, "lacks": lacks})
