"""The programs that a member is limited to: a command that names anything outside of them is refused whole.

What lies outside and what is not there are refused alike, so that nobody learns what there is elsewhere. What is refused because the
command concerns the whole workspace says ``access``; what a draft of payouts gathers is limited where it is gathered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from goodword.core import access, claims, events, looking, same_person, semantics, standing
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Event
from goodword.core.facts import Actor
from goodword.core.state import Case, Claim, Conversion, Customer, Payout, Referral, Registration, Reward, Schedule

#: What a command names, and the programs that it concerns; none: there is no such thing.
Named = Iterator[tuple[str, tuple[str | None, ...]]]


def refusal(draft: Draft, event: Event, actor: Actor) -> Verdict | None:
    """Return why a command is outside the programs of who says it; None where it is not, and where other reasons come first."""
    if not actor.programs or event.PERMISSION is None or not access.allowed(actor, event.PERMISSION):
        return None
    for name, programs in NAMED[type(event)](draft, event):
        if not access.covers(actor, *programs):
            return refused("command", "outside_scope", Step("item", {"item": name}), subject=name)
    return None


def _rewards(draft: Draft, event: events.ApprovalGiven) -> Named:
    for item in event.items:
        reward = draft.get(Reward, item.id)
        yield item.id, (reward.program,) if reward is not None else ()


def _case(draft: Draft, event: events.CaseDecided | events.CaseAppealed) -> Named:
    """A chargeback's case has no program of its own, and may hold the rewards of several."""
    case = draft.get(Case, event.case)
    rewards = case.rewards if case is not None else ()
    yield event.case, (case.program, *(draft.need(Reward, id_).program for id_ in rewards)) if case is not None else ()


def _handled(draft: Draft, event: events.CaseAssigned | events.CaseNoted | events.CaseSnoozed) -> Named:
    """It moves nothing of the rewards, so that these are not looked at."""
    case = draft.get(Case, event.case)
    yield event.case, (case.program,) if case is not None else ()


def _reward(draft: Draft, event: events.RewardSnoozed) -> Named:
    reward = draft.get(Reward, event.reward)
    yield event.reward, (reward.program,) if reward is not None else ()


def _claim_noted(draft: Draft, event: events.ClaimNoted) -> Named:
    """It moves nothing, so that what it ended is not looked at."""
    claim = draft.get(Claim, event.claim)
    yield event.claim, (claim.program,) if claim is not None else ()


def _claim(draft: Draft, event: events.ClaimTaken | events.ClaimAppealed) -> Named:
    claim = draft.get(Claim, event.claim)
    yield event.claim, _programs(draft, claim) if claim is not None else ()


def _claim_decided(draft: Draft, event: events.ClaimDecided) -> Named:
    """One that is won may end what binds the friend in another program; one that joins two persons moves what they have in all."""
    claim = draft.get(Claim, event.claim)
    ending = claims.leaving(draft, claim) if claim is not None and event.outcome in claims.BINDING else []
    there = _programs(draft, claim) if claim is not None else ()
    again = draft.semantics >= semantics.SAME_PERSON_IS_APPEALED and claim is not None and claim.status == "appealed"
    if claim is not None and claim.kind == same_person.KIND and (event.outcome == "won" or again):
        there = tuple(program.id for program in draft.programs())
    yield event.claim, (*there, *(referral.program for referral in ending))


def _programs(draft: Draft, claim: Claim) -> tuple[str, ...]:
    """Its program, and those in which it ended a referral, which an appeal may give back."""
    return claim.program, *(draft.need(Referral, id_).program for id_ in claim.ended)


def _registration(
    draft: Draft, event: events.DealAccepted | events.DealDeclined | events.DealNoted | events.DealWithdrawn
) -> Named:
    registration = draft.get(Registration, event.registration)
    yield event.registration, (registration.program,) if registration is not None else ()


def _payouts(draft: Draft, event: events.PayoutReleased) -> Named:
    for item in event.items:
        yield from _payout_of(draft, item.id)


def _payout(draft: Draft, event: events.PayoutCanceled | events.PayoutAnswered | events.PayoutArrived) -> Named:
    yield from _payout_of(draft, event.payout)


def _payout_of(draft: Draft, id_: str) -> Named:
    payout = draft.get(Payout, id_)
    yield id_, payout.programs if payout is not None else ()


def _looked(draft: Draft, event: events.RecordLooked) -> Named:
    """Of a person, an event or a list the state does not tell of which programs it is: who lets them look has asked."""
    noun = looking.NOUNS.get(event.subject[:4])
    if noun is not None:
        it = draft.get(noun, event.subject)
        yield event.subject, looking.programs(it) if it is not None else ()


def _program(_: Draft, event: Event) -> Named:
    yield event.program or "", (event.program,)


def _standing(draft: Draft, event: events.StandingStopped) -> Named:
    it = standing.find(draft, event.standing)
    yield event.standing, (it.program,) if it is not None else ()


def _published(draft: Draft, event: events.ProgramPublished) -> Named:
    """A new program lies in nobody's scope."""
    yield event.slug, tuple(program.id for program in draft.programs() if program.slug == event.slug)


def _order(draft: Draft, event: events.OrderAmended) -> Named:
    """The programs in which it earned, and those in which it may earn now."""
    conversion = draft.get(Conversion, event.conversion)
    customer = draft.get(Customer, conversion.person) if conversion is not None and conversion.person else None
    rewards = conversion.rewards if conversion is not None else ()
    bound = customer.referrals if customer is not None else ()
    earned = [draft.need(Reward, id_).program for id_ in rewards]
    yield event.conversion, tuple(sorted({*earned, *(draft.need(Referral, id_).program for id_ in bound)}))


def _agreement(_: Draft, event: events.AgreementMade | events.AgreementEnded) -> Named:
    """One for all programs concerns them all."""
    yield event.person, (event.program,)


def _scheduled(draft: Draft, event: events.PayoutScheduled) -> Named:
    """One for all programs concerns them all."""
    if event.schedule is not None:
        it = draft.get(Schedule, event.schedule)
        yield event.schedule, (it.program,) if it is not None else ()
    if event.plan is not None:
        yield event.program or "", (event.program,)


def _nothing(_: Draft, __: events.PayoutDrafted | events.MemberProved | events.FileHandedOut) -> Named:
    """What it gathers is limited where it is gathered."""
    yield from ()


#: command -> what it names. One that concerns the whole workspace (``access.WHOLE``) stands not here.
NAMED: dict[type[Event], Callable[[Draft, Any], Named]] = {
    events.MemberProved: _nothing,
    events.ProgramPublished: _published,
    events.ProgramMoved: _program,
    events.PilotStarted: _program,
    events.PilotDecided: _program,
    events.ProgramLaunched: _program,
    events.StandingAsked: _program,
    events.StandingStopped: _standing,
    events.StockUploaded: _program,
    events.ApprovalGiven: _rewards,
    events.CorrectionEntered: _program,
    events.PayoutArrived: _payout,
    events.RewardsRejected: _rewards,
    events.RewardsHeld: _rewards,
    events.RewardSnoozed: _reward,
    events.RewardsRestored: _rewards,
    events.OrderAmended: _order,
    events.SuspensionLifted: _program,
    events.ApprovalWithdrawn: _rewards,
    events.CaseDecided: _case,
    events.CaseAppealed: _case,
    events.CaseAssigned: _handled,
    events.CaseNoted: _handled,
    events.CaseSnoozed: _handled,
    events.ClaimEntered: _program,
    events.MatchDeclined: _program,
    events.ClaimTaken: _claim,
    events.ClaimNoted: _claim_noted,
    events.ClaimDecided: _claim_decided,
    events.ClaimAppealed: _claim,
    events.DealAccepted: _registration,
    events.DealDeclined: _registration,
    events.DealNoted: _registration,
    events.DealWithdrawn: _registration,
    events.AgreementMade: _agreement,
    events.AgreementEnded: _agreement,
    events.RecordLooked: _looked,
    events.ReceivableSettled: _rewards,
    events.PayoutDrafted: _nothing,
    events.PayoutScheduled: _scheduled,
    events.FileHandedOut: _nothing,
    events.PayoutReleased: _payouts,
    events.PayoutCanceled: _payout,
    events.PayoutAnswered: _payout,
}
