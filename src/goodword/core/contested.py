"""Contested means stopped: what keeps a reward from approval, release, sending and expiry while somebody is still to decide about it.

Nothing is written to a reward when a claim opens: whoever is about to act asks here, so rewards that come later are held as well.
What lies in a payout already leaves it, and the payout goes on without it (``settlement.without``).
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import ledger, semantics, settlement
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.state import Claim, Conversion, Customer, Program, Referral, Reward


def by(draft: Draft, reward: Reward) -> str | None:
    """Return the id of the case or claim that stops a reward: an open case that names it, or a claim that could move it."""
    if reward.cases:
        return reward.cases[0]
    return claim_on(draft, reward)


def refusal(draft: Draft, reward: Reward, item: str) -> tuple[str, Step] | None:
    """Return what is said to who would approve or send a reward that something stops; ``item``: what they listed."""
    if reward.cases:
        return "case_open", Step("case", {"item": item, "case": reward.cases[0]})
    claim = claim_on(draft, reward)
    return None if claim is None else ("contested", Step("contested", {"item": item, "claim": claim}))


def claim_on(draft: Draft, reward: Reward) -> str | None:
    """Return the id of the oldest claim that stops a reward. One that is still a request stops nothing."""
    if draft.semantics < semantics.CONTESTED_STOPS:
        return None
    for claim in draft.of(Claim, "open_of", reward.friend):
        if claim.stops_at is not None and _could_move(draft, claim, reward):
            return claim.id
    return None


def stop(draft: Draft, claim: Claim, at: int) -> None:
    """A claim stops what it touches from an instant on: what lies in a payout that waits for its release leaves it."""
    if claim.stops_at is None:
        claim = draft.put(replace(claim, stops_at=at))
    customer = draft.get(Customer, claim.friend)
    bound = (*customer.referrals, *customer.parted) if customer is not None else ()
    waiting = [reward for id_ in bound for reward in draft.of(Reward, "open_in", id_)]
    settlement.without(draft, [reward for reward in waiting if _could_move(draft, claim, reward)])


def _could_move(draft: Draft, claim: Claim, reward: Reward) -> bool:
    """Whether what is still to be decided about a claim could change whose the reward is, or whether it is earned.

    A friend's own reward is the same whoever brought them. What lies before the claim's lead would stay where it is; but who decides
    may find that the lead was earlier.
    """
    if reward.taken_by is not None or ledger.of_no_order(reward.on):  # nobody brought an opening balance
        return False
    if claim.kind == "earlier_conversion":
        earlier = draft.get(Conversion, claim.conversion or "")
        return reward.program == claim.program and earlier is not None and reward.on == earlier.name
    appealed = claim.kind == "same_person" and claim.status == "appealed"
    if appealed and draft.semantics >= semantics.SAME_PERSON_IS_APPEALED and reward.evt == claim.appealed_evt:
        return True  # it was earned when the two were joined
    if claim.referral is not None:  # it was won, and its appeal may give back what it took
        return reward.referral == claim.referral and (reward.side == "advocate" or _from_elsewhere(draft, claim))
    if reward.program == claim.program:
        return reward.side == "advocate" and set(draft.need(Referral, reward.referral).shares) != set(claim.shares)
    return not shares_customers(draft, claim)


def shares_customers(draft: Draft, claim: Claim) -> bool:
    """Whether the program of a claim shares its customers, so that it ends nothing elsewhere; also where it had no rules then."""
    version = draft.need(Program, claim.program).version_at(claim.lead_at)
    return version is None or draft.rules_of(version).shares_customers


def _from_elsewhere(draft: Draft, claim: Claim) -> bool:
    return any(draft.need(Referral, id_).program != claim.program for id_ in claim.ended)
