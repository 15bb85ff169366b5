"""The evidence that deciding an event looks at besides the state: touches of which visitors and clicks, and who which persons are.

Must not know: what is decided, what is loaded of the state (``needs``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec.structs import replace

from goodword.core import calendar, companies, conversions, deals, events, kin, leads, persons, protection, same_person
from goodword.core.events import (
    AdvocateEnrolled,
    AnyEvent,
    CaseDecided,
    ClaimDecided,
    ClaimEntered,
    ClickRecorded,
    ConversionRecorded,
    LeadCreated,
    ReferralImported,
    SuspensionLifted,
)
from goodword.core.facts import Evidence, Extent, Facts, Touch
from goodword.core.facts import Known as Found
from goodword.core.rules import RuleVersion
from goodword.core.state import (
    Advocate,
    Case,
    Claim,
    Code,
    Conversion,
    Customer,
    Kin,
    Lead,
    Prospect,
    Referral,
    Registration,
    State,
    Visitor,
)

#: A decision quotes at most so many touches, with their count: of more than these the oldest in the window and the newest.
MOST_TOUCHES = 100
OLDEST_TOUCHES = 20
#: Touches older than this before the event are not quoted.
TOUCHES_KEPT = 400 * calendar.DAY


def of(state: State, event: AnyEvent) -> Evidence:
    """Return what deciding this event looks at besides the state. Raises NotLoaded where the state cannot tell."""
    brought = _BRINGS.get(type(event))
    return NOTHING if brought is None else brought(state, kin.resolved(state, event))


def extent(state: State, event: AnyEvent, facts: Facts) -> Extent:
    """Return of whom and what an event is told by these facts. Raises NotLoaded where the state cannot tell."""
    wide = widened(state, event, of(state, event), facts.known)
    return Extent(wide, earners(state, event, wide, facts.touches))


def widened(state: State, event: AnyEvent, asked: Evidence, known: Collection[Found]) -> Evidence:
    """Return what is asked, and who they are who are bound and have an equal mail or phone as an unbound one who orders."""
    if type(event) is not ConversionRecorded or event.status != "paid" or not known:
        return asked
    person = kin.root(state.get, event.person)
    equal = persons.quoted([each for each in known if each.person == person], frozenset(), {person})
    if not equal or _is_bound(state, person):
        return asked
    names = persons.names(state.get, person, equal)
    both = {person, *(other for other in names if _is_bound(state, other))}
    if len(both) == 1:
        return asked
    return replace(asked, persons=both | asked.persons, equals=both | asked.equals)


def _is_bound(state: State, person: str) -> bool:
    customer = state.get(Customer, person)
    return customer is not None and bool(customer.referrals)


def _of_lead(state: State, event: LeadCreated | ConversionRecorded) -> Evidence:
    """Its own lead, and those of a page that it confirms; of a conversion, who its customer is if somebody brought them."""
    customer = state.get(Customer, event.person)
    is_lead = type(event) is LeadCreated or leads.is_lead(event, customer)  # type: ignore[arg-type]
    if customer is None:
        return _together(state, [event]) if is_lead else _of_buyer(event.person)
    waiting = []
    if customer.unverified_leads:
        said = [_lead(state, id_) for id_ in customer.unverified_leads]
        waiting = [lead for lead in said if leads.confirms(event, lead)]
    if is_lead or waiting:
        before = leads.of_other_visitors(state.get, event.person, event.visitor) if is_lead else ()
        waiting += [_lead(state, id_) for id_ in before]
        return _together(state, [event, *waiting] if is_lead else waiting)  # a page's leads are of this very customer
    return _of_person(event.person) if customer.referrals else _of_buyer(event.person)


def _of_enrolment(state: State, event: AdvocateEnrolled) -> Evidence:
    """Who they are, and the leads that named the code in vain."""
    who = {event.person}
    code = state.get(Code, event.code) if event.code is not None else None
    if code is None or code.person is not None or not code.leads:
        return Evidence(_NONE, _NONE, who, _NONE, who)
    its = _together(state, [_lead(state, id_) for id_ in code.leads])
    return replace(its, persons=who | its.persons, equals=who | its.equals)


def _of_click(state: State, event: ClickRecorded) -> Evidence:
    """The leads of its visitor that it may win."""
    visitor = state.get(Visitor, event.visitor) if event.visitor is not None else None
    if visitor is None:
        return NOTHING
    waiting = [_lead(state, id_) for id_ in leads.that_a_click_may_win(state.get, event, visitor)]
    return _together(state, waiting) if waiting else NOTHING


def _of_lifting(state: State, event: SuspensionLifted) -> Evidence:
    """The friends by whom the suspension cost something, and the leads that it kept out."""
    advocate = state.get(Advocate, (event.program, event.person)) if event.program is not None else None
    if advocate is None or advocate.status != "suspended":
        return NOTHING
    codes = [code for id_ in advocate.codes if (code := state.get(Code, id_)) is not None]
    kept = _together(state, [_lead(state, id_) for code in codes for id_ in code.leads])
    referrals = [state.get(Referral, referral) for referral, _ in advocate.missed]
    friends = {referral.friend for referral in referrals if referral is not None}
    persons = {*kept.persons, *friends}
    return Evidence(kept.visitors, kept.clicks, persons, kept.codes, persons)


def _of_report(state: State, event: events.DealReported) -> Evidence:
    """Its code's lead, if it says one."""
    lead = deals.lead_of(state.get, event)
    return NOTHING if lead is None else _together(state, [lead])


def _of_update(state: State, event: events.CustomerUpdated) -> Evidence:
    """Who they are, if it says a mail or phone of theirs; and what waited of them that a protection of their company wins."""
    who = _of_person(event.person) if event.keys else NOTHING
    customer = None if state.lacks(Prospect) else state.get(Customer, event.person)
    won = [] if customer is None else protection.waiting(state.get, customer, companies.after(customer, event))
    if not won:
        return who
    its = _together(state, [_lead(state, lead.id) for lead, _ in won])
    codes = its.codes | {registration.code for _, registrations in won for registration in registrations}
    return replace(its, codes=codes)


def _of_acceptance(state: State, event: events.DealAccepted) -> Evidence:
    """Its contact, as a lead of theirs."""
    registration = state.get(Registration, event.registration)
    if registration is None or registration.status != "submitted":
        return NOTHING
    lead = deals.lead_of_acceptance(registration)
    return _together(state, [replace(lead, person=kin.root(state.get, lead.person))])


def _of_claim(state: State, event: ClaimDecided) -> Evidence:
    """Who its friend is, and who is said to be the same person."""
    claim = state.get(Claim, event.claim)
    if claim is None:
        return NOTHING
    theirs = state.get(Referral, claim.evidence[0]) if claim.kind == same_person.KIND else None
    if theirs is None:
        return _of_person(claim.friend)
    people = {*same_person.who(state.get, claim, theirs), claim.friend}
    return Evidence(_NONE, _NONE, people, _NONE, people)


def _of_friend(_: State, event: ClaimEntered) -> Evidence:
    """Who the friend is of whom it speaks."""
    return _of_person(event.person)


def _of_amendment(state: State, event: events.Amendment) -> Evidence:
    """Who its customer is, if the order is known."""
    return _of_conversion(state, conversions.key_amended(event))


def _of_case(state: State, event: CaseDecided) -> Evidence:
    """Who the customer of an order is whose figures are chosen."""
    case = state.get(Case, event.case)
    chosen = case is not None and case.kind == "conversion_conflict" and event.outcome == "replaced"
    return _of_conversion(state, case.subject) if case is not None and chosen else NOTHING


def _of_conversion(state: State, key: str) -> Evidence:
    conversion = state.get(Conversion, key)
    return NOTHING if conversion is None or conversion.person is None else _of_person(conversion.person)


def _of_merge(state: State, event: events.Merge) -> Evidence:
    """Who either of them is."""
    both = {kin.root(state.get, event.keep), kin.root(state.get, event.gone)}
    customers = [customer for person in both if (customer := state.get(Customer, person)) is not None]
    waiting = [_lead(state, id_) for id_ in leads.of_two(state.get, *both)]
    its = _together(state, waiting)
    codes = {
        *its.codes,
        *[code for lead in waiting for each in customers for code in protection.codes(state, lead, each)],
    }
    visitors = {*its.visitors, *(visitor for each in customers for visitor in each.visitors)} if its.persons else _NONE
    return Evidence(visitors, its.clicks, both, codes, both)


def _of_person(person: str) -> Evidence:
    """Who one person is."""
    return Evidence(_NONE, _NONE, {person}, _NONE, {person})


def _of_buyer(person: str) -> Evidence:
    """Who else a person is by whom nobody earns."""
    return Evidence(_NONE, _NONE, _NONE, _NONE, {person})


def _together(state: State, brought_by: Iterable[Lead | LeadCreated | ConversionRecorded]) -> Evidence:
    """What these leads, or what brings one, may be attributed by."""
    visitors: set[str] = set()
    clicks: set[str] = set()
    persons: set[str] = set()
    codes: set[str] = set()
    for lead in brought_by:
        persons.add(lead.person)
        if lead.visitor is not None:
            visitors.add(lead.visitor)
        if lead.click is not None:
            clicks.add(lead.click)
        if lead.code is not None:
            codes.add(lead.code)
        if lead.link_code is not None:
            codes.add(lead.link_code)
        customer = state.get(Customer, lead.person)
        if customer is not None and customer.visitors:
            visitors.update(customer.visitors)
        codes.update(protection.codes(state, lead, customer))
    return Evidence(visitors, clicks, persons, codes, persons)


def earners(state: State, event: AnyEvent, asked: Evidence, touches: Iterable[Touch]) -> set[str]:
    """Return who would earn by the persons of an event: those of their referrals, of the touches' codes, and of a claim."""
    event = kin.resolved(state, event)
    found: set[str] = set()
    for person in asked.persons:
        found.update(_bound_to(state, person))
    for id_ in {*asked.codes, *[touch.code for touch in touches]}:
        found.update(_owner(state, id_))
    if (named := _EARNERS.get(type(event))) is not None:
        found.update(named(state, event, asked))
    return found if state.lacks(Kin) else found | {kin.root(state.get, person) for person in found}


def _bound_to(state: State, person: str) -> list[str]:
    """Who brought a customer."""
    customer = state.get(Customer, person)
    if customer is None or not customer.referrals:
        return []
    bindings = [referral for id_ in customer.referrals if (referral := state.get(Referral, id_)) is not None]
    return [share.person for referral in bindings for share in referral.shares]


def _owner(state: State, id_: str) -> list[str]:
    code = state.get(Code, id_)
    return [] if code is None or code.person is None else [code.person]


def _by_claim(state: State, event: ClaimDecided, _: Evidence) -> list[str]:
    """Who earns if a claim is won or shared, and who earned by what it ended: an appeal may give that back."""
    claim = state.get(Claim, event.claim)
    if claim is None:
        return []
    back = [referral for id_ in claim.ended if (referral := state.get(Referral, id_)) is not None]
    named = [share.person for shares in (claim.shares, *(its.shares for its in back)) for share in shares]
    return [*named, *(person for person, _, _ in event.shares)]


#: event -> who may earn by its persons besides
_EARNERS: dict[type[events.Event], Callable[[State, Any, Evidence], Iterable[str]]] = {
    events.PersonMerged: lambda state, event, _: _bound_to(state, kin.root(state.get, event.gone)),
    events.PersonsJoined: lambda state, event, _: _bound_to(state, kin.root(state.get, event.gone)),
    ClickRecorded: lambda state, event, _: _owner(state, event.code),
    AdvocateEnrolled: lambda _, event, asked: [event.person] if asked.persons else [],
    SuspensionLifted: lambda _, event, asked: [event.person] if asked.persons else [],
    ClaimEntered: lambda _, event, __: [person for person, _, _ in event.advocates],
    ClaimDecided: _by_claim,
    ReferralImported: lambda _, event, __: [event.advocate],
}


def quoted(touches: list[Touch], event: events.Event, rules: Iterable[RuleVersion]) -> list[Touch]:
    """Return which of these touches, oldest first, a decision quotes: all, or those of both ends of the longest window of the rules.

    Whoever clicks without end hides neither the first touch nor the last.
    """
    if len(touches) <= MOST_TOUCHES:
        return touches
    longest = max((calendar.duration(version.rules.attribution.window) for version in rules), default=TOUCHES_KEPT)
    newest = touches[OLDEST_TOUCHES - MOST_TOUCHES :]
    ahead = touches[: len(touches) - len(newest)]
    return [*[touch for touch in ahead if touch.at > event.occurred_at - longest][:OLDEST_TOUCHES], *newest]


_NONE: frozenset[str] = frozenset()
#: What an event asks that is decided from the state alone.
NOTHING = Evidence(_NONE, _NONE, _NONE, _NONE)
#: event -> what it looks at; every other one looks at nothing but the state
_BRINGS: dict[type[events.Event], Callable[[State, Any], Evidence]] = {
    LeadCreated: _of_lead,
    ConversionRecorded: _of_lead,
    AdvocateEnrolled: _of_enrolment,
    ClickRecorded: _of_click,
    SuspensionLifted: _of_lifting,
    ClaimEntered: _of_friend,
    ClaimDecided: _of_claim,
    events.ConversionAmended: _of_amendment,
    events.OrderAmended: _of_amendment,
    CaseDecided: _of_case,
    ReferralImported: lambda _, event: _of_person(event.person),
    events.CustomerKnown: lambda _, event: _of_person(event.person),
    events.CustomerUpdated: _of_update,
    events.DealReported: _of_report,
    events.DealRegistered: lambda _, event: _of_buyer(event.person),
    events.DealAccepted: _of_acceptance,
    events.PersonMerged: _of_merge,
    events.PersonsJoined: _of_merge,
}


def _lead(state: State, id_: str) -> Lead:
    lead = state.get(Lead, id_)
    if lead is None:
        raise AssertionError(f"lead {id_} is pointed to and not there")
    person = kin.root(state.get, lead.person)
    return lead if person == lead.person else replace(lead, person=person)
