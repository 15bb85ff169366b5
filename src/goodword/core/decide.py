"""decide(state, event, facts, rules) -> Decision: everything the product decides begins here.

Pure: no clock, no randomness, no I/O. An expected "no" is a verdict with a refusal in it, stored and explained like a yes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from goodword.core import (
    advocates,
    agreements,
    amendments,
    aside,
    auditing,
    calendar,
    cases,
    changes,
    claims,
    conversions,
    corrections,
    credit,
    customers,
    deals,
    debtors,
    disputes,
    enrolling,
    events,
    evidence,
    forms,
    granting,
    imports,
    keys,
    kin,
    launching,
    leads,
    looking,
    members,
    merges,
    messages,
    offers,
    payees,
    payouts,
    people,
    pilots,
    programs,
    receivables,
    refunds,
    reporting,
    reviews,
    routing,
    schedules,
    scope,
    semantics,
    sharing,
    standing,
    statements,
    stocks,
    taxes,
)
from goodword.core.decision import Decision, Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import AnyEvent, Event
from goodword.core.facts import Actor, Extent, Facts, Told
from goodword.core.kinds import timers
from goodword.core.rules import RuleVersion
from goodword.core.state import Program, State


def decide(
    state: State,
    event: AnyEvent,
    facts: Facts,
    rules: Mapping[str, RuleVersion],
    as_of: int,
    semantics: int = semantics.CURRENT,
    extent: Extent | None = None,
) -> Decision:
    """What follows from ``event`` in ``state``, at the instant ``as_of``, given facts the state does not hold.

    ``rules``: the published versions by hash; ``semantics``: the behaviour to decide under; ``extent``: what the facts tell of, if
    that was worked out before.
    Raises only where we are wrong (an assertion): the event is then set aside.
    """
    draft = Draft(state, rules, event.evt, as_of, semantics)
    event = kin.resolved(state, event)
    refusal = _refusal(draft, event, facts.actor)
    if refusal is not None:
        draft.say(refusal)
    elif (handle := _STATE_ALONE.get(type(event))) is not None:
        handle(draft, event)
    else:
        _TOLD[type(event)](
            draft,
            event,
            Told(facts, partial(evidence.extent, state, event, facts), extent),
        )
    offers.follow(draft)
    enrolling.follow(draft, event)
    taxes.follow(draft)
    aside.wake(draft, event)
    messages.follow(draft, event)
    return draft.decision()


def _refusal(draft: Draft, event: Event, actor: Actor | None) -> Verdict | None:
    """What speaks against any event, whatever its type."""
    if event.occurred_at > event.accepted_at + calendar.CLOCK_DIFFERENCE:
        return refused("event", "in_future", Step("times", {"at": event.occurred_at, "accepted_at": event.accepted_at}))
    if actor is not None:
        outside = scope.refusal(draft, event, actor)
        if outside is not None:
            return outside
    if event.program is not None and draft.get(Program, event.program) is None:
        return refused("event", "unknown_program")
    may = changes.may if isinstance(event, events.ChangeDecided) else reviews.may
    if event.PERMISSION is not None and (actor is None or not may(draft, event, actor)):  # type: ignore[arg-type]
        return refused("command", "not_permitted", Step("action", {"action": event.PERMISSION}))
    return None


def _bind_then_redecide(bind: Callable[[Draft, Any, Told], Any]) -> Callable[[Draft, Any, Told], None]:
    """Whatever binds a customer, the conversions that it makes referred are decided again in the same decision."""

    def handler(draft: Draft, event: Event, told: Told) -> None:
        bound = bind(draft, event, told)
        for referral in bound if isinstance(bound, list) else [bound]:
            if referral is not None:
                conversions.redecide(draft, referral, told)

    return handler


def _converted(draft: Draft, event: events.ConversionRecorded, told: Told) -> None:
    """What a conversion earns may be approved already."""
    conversions.decide(draft, event, told)
    offers.named(draft, conversions.key_of(event))
    standing.earned(draft, event)


def _approved(draft: Draft, event: events.ApprovalGiven, told: Told) -> None:
    """What the shop took off is delivered already; of whom a tax form is needed for the rest, it is asked."""
    reviews.approve(draft, event, told)
    payouts.taken_off(draft)
    taxes.ask_after(draft, event.items, told.need_actor())


def _published(draft: Draft, event: events.ProgramPublished, told: Told) -> None:
    programs.published(draft, event)
    granting.published(draft, event, told)


def _clock(draft: Draft, event: events.ClockMoved) -> None:
    """The clock itself stands outside the state; the refusal of going back is the core's."""
    if event.to < draft.as_of:
        draft.say(refused("command", "not_forward", Step("times", {"at": event.to, "accepted_at": draft.as_of})))
        return
    draft.say(Verdict(about="command", outcome="clock_moved", steps=(Step("clock", {"to": event.to}),)))


def _touches(draft: Draft, event: events.TouchesRecorded) -> None:
    draft.say(Verdict(about="event", outcome="recorded", subject=event.block))


#: Events that the state alone decides.
_STATE_ALONE: dict[type[Event], Callable[[Draft, Any], None]] = {
    events.AdvocateSuspended: advocates.moved,
    events.AdvocateResumed: advocates.moved,
    events.AdvocateLeft: advocates.moved,
    events.ConversionCanceled: amendments.canceled,
    events.ConversionRefunded: refunds.decide,
    events.RefundReturned: refunds.returned,
    events.RefundOpened: refunds.opened,
    events.RefundClosed: refunds.closed,
    events.ChargebackOpened: refunds.chargeback_opened,
    events.ChargebackClosed: refunds.chargeback_closed,
    events.ConsentRecorded: customers.consented,
    events.CustomerIssueOpened: customers.issue_opened,
    events.CustomerIssueClosed: customers.issue_closed,
    events.SurveyAnswered: customers.surveyed,
    events.CreditRedeemed: credit.redeemed,
    events.CreditReversed: credit.reversed_,
    events.StockUploaded: stocks.uploaded,
    events.TouchesRecorded: _touches,
    events.LandingViewed: sharing.viewed,
    events.CodesAlike: sharing.alike,
    events.TimerDue: timers.due,
    events.ClockMoved: _clock,
    events.ProgramMoved: programs.moved,
    events.FeedSilenced: launching.silenced,
    events.FeedHeard: launching.heard,
    events.KeyMade: keys.made,
    events.KeyEnded: keys.ended,
    events.FormMade: forms.made,
    events.FormEnded: forms.ended,
    events.CaseAssigned: cases.assigned,
    events.CaseSnoozed: cases.snoozed,
    events.RewardSnoozed: aside.snoozed,
    events.ClaimTaken: claims.taken,
    events.MatchDeclined: customers.unlike,
    events.PayoutCanceled: payouts.canceled,
    events.PayeeChecked: payees.checked,
    events.BalanceOpened: imports.balance,
    events.MessageDue: messages.due,
    events.MessageAnswered: messages.answered,
    events.MessageSettled: messages.settled,
    events.MessagesResumed: messages.resumed,
    events.MessageBounced: messages.bounced,
    events.MessageComplained: messages.complained,
    events.MessageUnsubscribed: messages.unsubscribed,
    events.SatisfactionAnswered: messages.satisfied,
}
#: All others, whose decisions read facts.
_TOLD: dict[type[Event], Callable[[Draft, Any, Told], None]] = {
    events.AdvocateEnrolled: _bind_then_redecide(advocates.enrolled),
    events.ClickRecorded: _bind_then_redecide(leads.clicked),
    events.LeadCreated: _bind_then_redecide(leads.decide),
    events.ReferralImported: _bind_then_redecide(lambda draft, event, _: imports.referral(draft, event)),
    events.PersonMerged: _bind_then_redecide(merges.merged),
    events.PersonErased: people.erased,
    events.PersonsJoined: _bind_then_redecide(merges.merged),
    events.CustomerKnown: customers.known,
    events.CustomerUpdated: _bind_then_redecide(customers.updated),
    events.ConversionRecorded: _converted,
    events.ProgramPublished: _published,
    events.ProgramLaunched: launching.launched,
    events.ConversionAmended: amendments.amended,
    events.OrderAmended: amendments.amended,
    events.RoutingPublished: routing.published,
    events.PilotStarted: pilots.started,
    events.PilotDecided: pilots.decided,
    events.DebtorSet: debtors.set_,
    events.TaxReportingSet: reporting.set_,
    events.AuditSigned: auditing.signed,
    events.StandingAsked: granting.asked,
    events.StandingStopped: granting.stopped,
    events.MemberSet: members.set_,
    events.MemberProved: members.proved,
    events.ChangeDecided: changes.decided,
    events.ApprovalGiven: _approved,
    events.RewardsRejected: reviews.reject,
    events.RewardsHeld: reviews.hold,
    events.RewardsRestored: reviews.restore,
    events.SuspensionLifted: _bind_then_redecide(advocates.lifted),
    events.ApprovalWithdrawn: reviews.withdraw,
    events.DisputeOpened: disputes.opened,
    events.CaseDecided: cases.decide,
    events.CaseAppealed: cases.appealed,
    events.CaseNoted: cases.noted,
    events.ClaimEntered: claims.entered,
    events.ClaimDecided: _bind_then_redecide(claims.decided),
    events.ClaimNoted: claims.noted,
    events.ClaimAppealed: claims.appealed,
    events.DealReported: _bind_then_redecide(deals.reported),
    events.DealRegistered: deals.registered,
    events.DealAccepted: _bind_then_redecide(deals.accepted),
    events.DealDeclined: deals.declined,
    events.DealNoted: deals.noted,
    events.DealWithdrawn: deals.withdrawn,
    events.CodeChanged: sharing.changed,
    events.LinkShared: sharing.shared,
    events.AgreementMade: agreements.made,
    events.AgreementEnded: agreements.ended,
    events.RecordLooked: looking.looked,
    events.PayeeSet: payouts.payee_set,
    events.PayeeAnswered: payees.answered,
    events.MessagesChosen: messages.chosen,
    events.TaxFormGiven: reporting.given,
    events.ReceivableSettled: receivables.settled,
    events.PayoutScheduled: schedules.scheduled,
    events.PayoutDrafted: payouts.drafted,
    events.PayoutReleased: payouts.released,
    events.PayoutAnswered: payouts.answered,
    events.PayoutArrived: payouts.arrived,
    events.FileHandedOut: statements.handed_out,
    events.StatementRead: statements.read,
    events.CorrectionEntered: corrections.entered,
}
