"""What a company bears of a reward that a claim took, under the policy ``bear``: what its beneficiary has, and nothing else.

What comes back was lost by nobody, so that it is not theirs again; what arrives after all is borne as if it had never failed.
Must not know: payouts, how a claim is decided.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import kin, refunds, semantics, settlement
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.stages import planning
from goodword.core.state import Claim, Referral, Reward


def came_back(draft: Draft, reward: Reward) -> Reward:
    """Let what came back of such a reward be borne no more: its beneficiary has the part that the claim left them, or nothing."""
    if not _bears(draft, reward) or reward.amount <= max(0, reward.discharged):
        return reward
    claim = draft.need(Claim, reward.taken_by or "")
    to = draft.get(Referral, claim.referral) if claim.referral is not None else None
    if to is not None and their_part(draft, claim, replace(reward, taken_by=None), to):
        return draft.need(Reward, reward.id)
    keeps = max(0, reward.discharged)
    steps = (Step("moved", {"claim": claim.id, "policy": "bear" if keeps else None, "sent": keeps, "keeps": keeps}),)
    return settlement.lower(
        draft, reward, keeps, status=None if keeps else "reversed", outcome="not_borne", steps=steps
    )


def arrived(draft: Draft, reward: Reward) -> Reward:
    """Let what arrived after all of such a reward be borne."""
    to = min(reward.gross, reward.discharged)
    if not _bears(draft, reward) or to <= reward.amount:
        return reward
    now = settlement.raise_(draft, reward, to, tells=False)
    values = {"claim": reward.taken_by, "policy": "bear", "sent": reward.discharged, "keeps": to}
    settlement.tell(draft, reward, now, "moved", (Step("moved", values),))
    return now


def keeps_more(draft: Draft, reward: Reward, to: Referral) -> bool:
    """Whether who has a part of the new referral keeps what was sent of a reward, though it is more than their part."""
    if draft.semantics < semantics.BORNE_IS_WHAT_ARRIVED or place_in(draft, reward, to) is None:
        return False
    bears = draft.rules_of(reward.rules).claims.lost_after_payment == "bear"
    return bears and reward.discharged > 0 and (reward.program, reward.rules) == (to.program, to.rules)


def _bears(draft: Draft, reward: Reward) -> bool:
    if draft.semantics < semantics.BORNE_IS_WHAT_ARRIVED or not planning.of_a_claim(reward):
        return False
    return draft.rules_of(reward.rules).claims.lost_after_payment == "bear"


def place_in(draft: Draft, reward: Reward, to: Referral) -> int | None:
    """Return the share that the beneficiary of an advocate's reward has of a referral; None: they have none of it."""
    if reward.side != "advocate":
        return None
    whose = kin.root(draft.get, reward.beneficiary)
    return next((n for n, share in enumerate(to.shares) if kin.root(draft.get, share.person) == whose), None)


def their_part(draft: Draft, claim: Claim, reward: Reward, to: Referral) -> bool:
    """Give an advocate who is in the new referral, too, their part of what they earned; False: it is taken, and earned anew.

    That is where the rules are others, and where of what was sent the company bears more than their part.
    """
    place = place_in(draft, reward, to)
    if draft.semantics < semantics.CLAIMS_ARE_SHARED or place is None:
        return False
    if (reward.program, reward.rules) != (to.program, to.rules):
        return False
    acts = tuple(dict.fromkeys((*reward.acts, *to.acts)))
    now = replace(reward, referral=to.id, share=place, by_claim=True, acts=acts)
    part, shown = refunds.part(draft, now)
    policy = draft.rules_of(reward.rules).claims.lost_after_payment
    sent = max(0, reward.discharged)
    if policy == "bear" and min(sent, reward.amount) > part:
        return False
    steps = (*shown, *planning.share_steps(to, "advocate", place), Step("by_claim", {"claim": claim.id}))
    if sent > part:
        now = replace(now, owed_back="ask" if policy == "ask_back" else now.owed_back)
        steps = (Step("moved", {"claim": claim.id, "policy": policy, "sent": sent, "keeps": part}), *steps)
    now = draft.put(now)
    if part < reward.amount:
        settlement.lower(draft, now, part, outcome="shared", steps=steps)
    elif part > reward.amount:
        settlement.tell(draft, reward, settlement.raise_(draft, now, part, tells=False), "shared", steps)
    else:
        settlement.tell(draft, reward, now, "shared", steps)
    return True
