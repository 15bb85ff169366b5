"""What happens because time passed. A timer only wakes its subject; whether anything is due is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from goodword.core import (
    contested,
    credit,
    deals,
    messages,
    offers,
    payees,
    payouts,
    schedules,
    semantics,
    settlement,
    standing,
)
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.events import TimerDue
from goodword.core.kinds.rewards import taken_off
from goodword.core.state import (
    Claim,
    Entity,
    Letter,
    Lot,
    Offer,
    Payee,
    Referral,
    Registration,
    Reward,
    Schedule,
    Timer,
)


def event(timer: Timer, evt: str) -> TimerDue:
    """Return the event of a timer: it happens when it is due, however late somebody looks."""
    return TimerDue(
        evt=evt,
        source="timer",
        occurred_at=timer.due_at,
        accepted_at=timer.due_at,
        timer=timer.id,
        kind=timer.kind,
        subject=timer.subject,
        due_at=timer.due_at,
    )


def due(draft: Draft, event: TimerDue) -> None:
    """Fire a timer: it ends, whatever comes of it."""
    draft.fired = draft.need(Timer, event.timer).id
    outcome = KINDS[event.kind].fire(draft, event)
    draft.say(Verdict(about="timer", outcome=outcome, subject=event.subject))


def _hold_over(draft: Draft, event: TimerDue) -> str:
    reward = draft.need(Reward, event.subject)
    if reward.status != "pending" or reward.hold_until > draft.as_of:
        return "nothing_to_do"
    reward = replace(reward, status="in_review")
    reward = settlement.expiry(draft, draft.rules_of(reward.rules), reward, reward.hold_until)
    if not standing.ready(draft, reward):
        return "in_review"
    return "welcome_approved" if taken_off(reward.kind) else "standing_approved"


def _expire(draft: Draft, event: TimerDue) -> str:
    """Expire a reward whose present stay in review is over; the timer of an earlier stay does nothing."""
    reward = draft.need(Reward, event.subject)
    present, first = reward.expires_at == event.due_at, draft.semantics < semantics.EXPIRY_OF_THE_STAY
    if reward.status != "in_review" or not (present or first):
        return "nothing_to_do"
    if present:
        reward = draft.put(replace(reward, expires_at=None))
    if reward.withheld:
        return "nothing_to_do"
    if settlement.waits(reward):
        if first:
            settlement.expiry(draft, draft.rules_of(reward.rules), reward, draft.as_of)
        return "case_open"
    if contested.claim_on(draft, reward) is not None:  # nobody could approve it: its time begins again
        draft.put(settlement.expiry(draft, draft.rules_of(reward.rules), reward, draft.as_of))
        return "contested"
    settlement.lower(draft, reward, 0, status="expired")
    return "expired"


def _promise_over(draft: Draft, event: TimerDue) -> str:
    """The time by which a reward was promised to be decided is over, in its present stay: from now on its fallback may decide it."""
    reward = draft.need(Reward, event.subject)
    if reward.status != "in_review" or reward.decide_by != event.due_at or reward.route is None:
        return "nothing_to_do"
    return "escalated"


def _lapse(draft: Draft, event: TimerDue) -> str:
    referral = draft.need(Referral, event.subject)
    if referral.status != "attributed":
        return "nothing_to_do"
    draft.put(replace(referral, status="lapsed"))
    return "lapsed"


def _claim_stops(draft: Draft, event: TimerDue) -> str:
    claim = draft.need(Claim, event.subject)
    if claim.open_of is None:
        return "nothing_to_do"
    contested.stop(draft, claim, event.due_at)
    return "contested"


class Kind(NamedTuple):
    """``noun`` of the subject, which is looked at; ``fire(draft, event)`` says what came of it."""

    noun: type[Entity]
    fire: Callable[[Draft, TimerDue], str]


KINDS: Final[dict[str, Kind]] = {
    "hold_over": Kind(Reward, _hold_over),
    "expire": Kind(Reward, _expire),
    "promise_over": Kind(Reward, _promise_over),
    "lapse": Kind(Referral, _lapse),
    "claim_stops": Kind(Claim, _claim_stops),
    "protection_over": Kind(Registration, deals.protection_over),
    "credit_expires": Kind(Lot, credit.expires),
    "offer_over": Kind(Offer, offers.over),
    schedules.KIND: Kind(Schedule, schedules.due),
    messages.TIMER: Kind(Letter, messages.again),
    payees.TIMER: Kind(Payee, payouts.entering_over),
}
