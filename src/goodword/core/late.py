"""Why a reward that was to be decided by now is not: what it waits for. Must not know: who is told."""

from __future__ import annotations

from typing import Final

from goodword.core import contested, dossier
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import to_payee
from goodword.core.state import Payee, Reward

#: For what it may wait, in the order in which it is said: a case, a claim, evidence, payment details, the second of two members, the
#: day until which somebody put it aside, and else whoever decides it by its route.
CAUSES: Final = ("case_open", "contested", "evidence_missing", "payee_missing", "second", "aside", "role")


def cause(draft: Draft, reward: Reward) -> str:
    """Return for what a reward in review waits."""
    stopped = contested.refusal(draft, reward, reward.id)
    if stopped is not None:
        return stopped[0]
    if dossier.refusal(draft, reward, reward.id) is not None:
        return "evidence_missing"
    if to_payee(reward.kind) and draft.get(Payee, reward.beneficiary) is None:
        return "payee_missing"
    if reward.approvals or reward.rejecting:
        return "second"
    if reward.snoozed_until is not None and reward.snoozed_until > draft.as_of:
        return "aside"
    return "role"
