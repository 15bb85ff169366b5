"""What happens because time passed. A timer only wakes its subject; whether anything is due is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from goodword.core import contested, settlement
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.events import TimerDue
from goodword.core.state import Claim, Entity, Referral, Reward, Timer


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
    outcome = KINDS[event.kind].fire(draft, event.subject)
    draft.say(Verdict(about="timer", outcome=outcome, subject=event.subject))


def _hold_over(draft: Draft, subject: str) -> str:
    reward = draft.need(Reward, subject)
    if reward.status != "pending" or reward.hold_until > draft.as_of:
        return "nothing_to_do"
    reward = draft.put(replace(reward, status="in_review"))
    settlement.expiry(draft, draft.rules_of(reward.rules), reward, reward.hold_until)
    return "in_review"


def _expire(draft: Draft, subject: str) -> str:
    reward = draft.need(Reward, subject)
    if reward.status != "in_review" or reward.withheld:
        return "nothing_to_do"
    if contested.by(draft, reward) is not None:  # nobody could approve it: its time begins again
        settlement.expiry(draft, draft.rules_of(reward.rules), reward, draft.as_of)
        return "case_open" if reward.cases else "contested"
    settlement.lower(draft, reward, 0, status="expired")
    return "expired"


def _lapse(draft: Draft, subject: str) -> str:
    referral = draft.need(Referral, subject)
    if referral.status != "attributed":
        return "nothing_to_do"
    draft.put(replace(referral, status="lapsed"))
    return "lapsed"


def _claim_stops(draft: Draft, subject: str) -> str:
    claim = draft.need(Claim, subject)
    if claim.open_of is None:
        return "nothing_to_do"
    contested.stop(draft, claim, draft.need(Timer, draft.fired or "").due_at)
    return "contested"


class Kind(NamedTuple):
    """``noun`` of the subject, which is looked at; ``fire(draft, subject)`` says what came of it."""

    noun: type[Entity]
    fire: Callable[[Draft, str], str]


KINDS: Final[dict[str, Kind]] = {
    "hold_over": Kind(Reward, _hold_over),
    "expire": Kind(Reward, _expire),
    "lapse": Kind(Referral, _lapse),
    "claim_stops": Kind(Claim, _claim_stops),
}
