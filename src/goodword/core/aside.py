"""Rewards that a person put aside: until an instant and with a reason, and back at once when something new comes.

Nothing else follows: one that is put aside can be decided like any other, expires and is promised as before. Nothing wakes it by a
timer; whoever lists the queue compares the instant.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import events, ledger, priority, semantics
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Event, RewardSnoozed
from goodword.core.state import Claim, Customer, Referral, Reward

#: What tells nothing new of a reward: it is put aside, looked at, or money of others is on its way.
_TELLS_NOTHING: Final = frozenset(
    [
        events.RewardSnoozed,
        events.RecordLooked,
        events.ClaimNoted,
        events.PayoutDrafted,
        events.PayoutReleased,
        events.PayoutCanceled,
        events.PayoutAnswered,
        events.StatementRead,
        events.AuditSigned,
        events.PayoutScheduled,
        events.StockUploaded,
        events.ReceivableSettled,
        events.CreditRedeemed,
        events.CreditReversed,
        events.MessageDue,
        events.MessageAnswered,
        events.MessageSettled,
        events.MessagesResumed,
        events.MessagesChosen,
        events.PayeeAnswered,
        events.MessageBounced,
        events.MessageComplained,
        events.MessageUnsubscribed,
        events.SatisfactionAnswered,
    ]
)
#: What tells something of a friend, whatever comes of it.
_OF_FRIEND: Final = frozenset(
    [
        events.LeadCreated,
        events.ConversionRecorded,
        events.CustomerKnown,
        events.CustomerUpdated,
        events.ConsentRecorded,
        events.CustomerIssueOpened,
        events.CustomerIssueClosed,
        events.SurveyAnswered,
    ]
)


def snoozed(draft: Draft, event: RewardSnoozed) -> None:
    """Put a reward in review aside, not beyond the day by which it is promised to be decided, or take it back."""
    reward = draft.get(Reward, event.reward)
    if reward is None:
        draft.say(refused("command", "not_found", subject=event.reward))
        return
    if reward.status != "in_review":
        draft.say(refused("command", "wrong_state", Step("status", {"status": reward.status}), subject=reward.id))
        return
    until, due = event.until, priority.decide_by(reward)
    step = Step("snoozed", {"until": until, "due_at": due, "reason": event.reason})
    if until is not None and (until <= draft.as_of or until > due or not event.reason):
        draft.say(refused("command", "wrong_state", step, subject=reward.id))
        return
    _put(draft, replace(reward, snoozed_evt=draft.evt), until)
    draft.say(
        Verdict(
            about="command",
            outcome="reward_snoozed" if until is not None else "reward_woken",
            program=reward.program,
            subject=reward.id,
            steps=(step,),
        )
    )


def wake(draft: Draft, event: Event) -> None:
    """Whatever a decision changed of a reward or its referral, or was told of its friend, brings it back."""
    if draft.semantics < semantics.REWARDS_PUT_ASIDE or type(event) in _TELLS_NOTHING:
        return
    awake = _concerned(draft, event)
    if not awake and type(event) is not events.PayeeSet:
        return
    rewards = [draft.need(Reward, id_) for id_ in awake]
    if type(event) is events.PayeeSet and draft.puts:
        rewards += draft.of(Reward, "unsettled_with", event.person)
    for reward in rewards:
        if reward.snoozed_until is not None:
            _put(draft, draft.need(Reward, reward.id), None)


def _concerned(draft: Draft, event: Event) -> dict[str, None]:
    """Return the rewards that are put aside and that this concerns: mostly there are none, and it is asked of every event."""
    awake: dict[str, None] = {}
    looked = set[str]()  # referrals: each reward of an order names the same one
    friends = {event.person} if type(event) in _OF_FRIEND else set()  # type: ignore[attr-defined]
    for (noun, key), entity in draft.puts.items():
        if noun is Reward:
            if entity.snoozed_until is not None:  # type: ignore[attr-defined]
                awake[entity.id] = None  # type: ignore[attr-defined]
            if not ledger.of_no_order(entity.on) and entity.referral not in looked:  # type: ignore[attr-defined]
                _with_it(draft, entity.referral, awake, looked)  # type: ignore[attr-defined]
        elif noun is Referral:
            _with_it(draft, key, awake, looked)  # type: ignore[arg-type]
        elif noun is Claim:
            friends.add(entity.friend)  # type: ignore[attr-defined]
    for friend in sorted(friends):
        customer = draft.get(Customer, friend)
        for referral in customer.referrals if customer is not None else ():
            _with_it(draft, referral, awake, looked)
    return awake


def _with_it(draft: Draft, referral: str, awake: dict[str, None], looked: set[str]) -> None:
    if referral in looked:
        return
    looked.add(referral)
    known = draft.get(Referral, referral)
    if known is not None and known.aside:
        awake.update(dict.fromkeys(known.aside))


def _put(draft: Draft, reward: Reward, until: int | None) -> None:
    """Set until when it is put aside; its referral keeps that it is."""
    draft.put(replace(reward, snoozed_until=until))
    referral = draft.get(Referral, reward.referral) if not ledger.of_no_order(reward.on) else None
    if referral is not None:
        others = tuple(id_ for id_ in referral.aside if id_ != reward.id)
        draft.put(replace(referral, aside=(*others, reward.id) if until is not None else others))
