"""What deciding an event looks at: keys by noun, whole groups, and the evidence that no state holds. ``app/write/loader`` fetches it.

What an entity points to is needed in the next round, until nothing new is named. A decision that looks at what stands not here
fails loudly, at an entity (``state.NotLoaded``) as at a fact (``facts.Told``), so this file and the decisions cannot drift apart.
Must not know: what is decided, where anything is fetched from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from goodword.core import calendar, conversions, counters, events, leads, reviews
from goodword.core.counters import Known
from goodword.core.events import AdvocateEnrolled, AnyEvent, ClaimDecided, ConversionRecorded, LeadCreated
from goodword.core.facts import Actor, Evidence
from goodword.core.kinds import timers
from goodword.core.stages import limits
from goodword.core.state import (
    Advocate,
    By,
    Case,
    Claim,
    Code,
    Conversion,
    Counter,
    Customer,
    Entity,
    Key,
    Lead,
    Member,
    Payee,
    Payout,
    Program,
    Referral,
    Reward,
    State,
    Timer,
    Visitor,
)

#: Nouns that are few, of which every decision may need all.
ALWAYS: tuple[type[Entity], ...] = (Program, Member)
#: A decision quotes at most so many touches, with their count.
MOST_TOUCHES = 100
#: Touches older than this before the event are not quoted.
TOUCHES_KEPT = 400 * calendar.DAY

#: What looks at payouts and their rewards, and at nothing behind these.
_SENDING = frozenset([events.PayoutDrafted, events.PayoutReleased, events.PayoutAnswered])
#: Answers of rails that change the payout alone.
_TOLD = frozenset(["sent", "unknown"])


class Need:
    """What to fetch in one round: keys and groups by noun; touches of visitors, clicks by id, who shares a key with persons."""

    def __init__(self) -> None:
        self.keys: dict[type[Entity], set[Key]] = {}
        self.groups: dict[By, set[str]] = {}
        self.evidence: Evidence | None = None


def evidence(state: State, event: AnyEvent) -> Evidence:
    """Return what deciding this event looks at besides the state. Raises NotLoaded where the state cannot tell."""
    brought = _BRINGS.get(type(event))
    return NOTHING if brought is None else brought(state, event)


def _of_lead(state: State, event: LeadCreated | ConversionRecorded) -> Evidence:
    """Its own lead, and those of a page that it confirms; of a conversion, who its customer is if somebody brought them."""
    customer = state.get(Customer, event.person)
    is_lead = type(event) is LeadCreated or leads.is_lead(event, customer)  # type: ignore[arg-type]
    if customer is None:
        return _together(state, [event]) if is_lead else NOTHING
    waiting = []
    if customer.unverified_leads:
        said = [_lead(state, id_) for id_ in customer.unverified_leads]
        waiting = [lead for lead in said if leads.confirms(event, lead)]
    of_leads = _together(state, [event, *waiting] if is_lead else waiting) if is_lead or waiting else NOTHING
    if of_leads.persons or not customer.referrals or type(event) is LeadCreated:
        return of_leads  # a page's leads are of this very customer
    return _of_person(event.person)


def _of_enrolment(state: State, event: AdvocateEnrolled) -> Evidence:
    """The leads that named the code in vain."""
    code = state.get(Code, event.code) if event.code is not None else None
    return _together(state, [_lead(state, id_) for id_ in code.leads]) if code is not None else NOTHING


def _of_claim(state: State, event: ClaimDecided) -> Evidence:
    """Who its friend is."""
    claim = state.get(Claim, event.claim)
    return NOTHING if claim is None else _of_person(claim.friend)


def _of_person(person: str) -> Evidence:
    """Who one person is."""
    return Evidence(_NONE, _NONE, {person}, _NONE)


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
    return Evidence(visitors, clicks, persons, codes)


_NONE: frozenset[str] = frozenset()
#: What an event asks that is decided from the state alone.
NOTHING = Evidence(_NONE, _NONE, _NONE, _NONE)
#: event -> what it looks at; every other one looks at nothing but the state
_BRINGS: dict[type[events.Event], Callable[[State, Any], Evidence]] = {
    LeadCreated: _of_lead,
    ConversionRecorded: _of_lead,
    AdvocateEnrolled: _of_enrolment,
    ClaimDecided: _of_claim,
}


def _lead(state: State, id_: str) -> Lead:
    lead = state.get(Lead, id_)
    if lead is None:
        raise AssertionError(f"lead {id_} is pointed to and not there")
    return lead


def rounds(known: Known, batch: Sequence[AnyEvent], actor: Actor | None, as_of: int) -> Iterator[Need]:
    """Yield what deciding these events needs, round by round; the caller fetches each into ``known`` before it asks for the next.

    ``known`` holds all entities of ``ALWAYS`` already, and all rules.
    """
    needs = _Needs(known, batch)
    for event in batch:
        needs.name(event)
    yield from needs.rounds()
    asked = [evidence(known.state, event) for event in batch]
    together = Evidence(
        set().union(*(each.visitors for each in asked)),
        set().union(*(each.clicks for each in asked)),
        set().union(*(each.persons for each in asked)),
        frozenset(),
    )
    if together.visitors or together.clicks or together.persons:
        need = Need()
        need.evidence = together
        yield need
    needs.want(Code, *(touch.code for touch in known.touches.values()))
    yield from needs.rounds()
    needs.doubles(asked)
    yield from needs.rounds()
    needs.want(Counter, *counters.keys(known, batch, asked))
    if actor is not None:
        needs.alone(actor.id, as_of)
    yield from needs.rounds()


def _stops(event: AnyEvent) -> bool:
    """Whether a claim begins to stop what it touches, so that its friend's open rewards are looked for."""
    if type(event) is events.TimerDue:
        return event.kind == "claim_stops"
    return type(event) in (events.ClaimTaken, events.ClaimAppealed)


class _Needs:
    """What a batch needs, as it is found out."""

    def __init__(self, known: Known, batch: Sequence[AnyEvent]) -> None:
        self.batch = batch
        self.state = known.state
        self.need = Need()
        self._sending = all(type(event) in _SENDING for event in batch)
        self._stopping = any(_stops(event) for event in batch)
        self._told = all(type(event) is events.PayoutAnswered and event.outcome in _TOLD for event in batch)

    def want(self, noun: type[Entity], *keys: Key) -> None:
        """Need these in the next round, unless they are known."""
        known, absent = self.state.tables[noun], self.state.absent[noun]
        self.need.keys.setdefault(noun, set()).update([key for key in keys if key not in known and key not in absent])

    def want_one(self, noun: type[Entity], key: str | None) -> None:
        """Need the entity with this key, if there is one."""
        if key is not None:
            self.want(noun, key)

    def want_group(self, noun: type[Entity], by: str, *groups: str) -> None:
        """Need whole groups in the next round."""
        gathered = self.state.gathered[noun, by]
        self.need.groups.setdefault((noun, by), set()).update([group for group in groups if group not in gathered])

    def rounds(self) -> Iterator[Need]:
        """Yield what is wanted, and then what that points to, until nothing new is named."""
        while any(self.need.keys.values()) or any(self.need.groups.values()):
            need, self.need = self.need, Need()
            before = {noun: set(self.state.tables[noun]) for noun, _ in need.groups}
            yield need
            for noun, keys in need.keys.items():
                loaded = self.state.tables[noun]
                self._follow(noun, [loaded[key] for key in keys if key in loaded])
            for (noun, by), groups in need.groups.items():
                new = [entity for group in groups for entity in self.state.of(noun, by, group)]
                self._follow(noun, [entity for entity in new if entity.key not in before[noun]])

    def _follow(self, noun: type[Entity], entities: Iterable[Entity]) -> None:
        """Want what these entities point to."""
        follow = self._POINTERS.get(noun)
        if follow is not None:
            for entity in entities:
                follow(self, entity)

    # --- what an entity points to -------------------------------------------------------------------------------------

    def _code(self, it: Code) -> None:
        if it.program is not None and it.person is not None:
            self.want(Advocate, (it.program, it.person))
        self.want(Lead, *it.leads)

    def _customer(self, it: Customer) -> None:
        self.want(Referral, *it.referrals)
        self.want(Lead, *it.unverified_leads)

    def _visitor(self, it: Visitor) -> None:
        self.want(Customer, *it.persons)
        self.want_group(Claim, "friend", *it.persons)

    def _lead(self, it: Lead) -> None:
        self.want(Customer, it.person)
        self.want_group(Conversion, "person", it.person)
        self.want_group(Claim, "friend", it.person)
        self.want_one(Visitor, it.visitor)
        self.want_one(Code, it.code)
        self.want_one(Code, it.link_code)

    def _referral(self, it: Referral) -> None:
        if self._sending:
            return
        if self._stopping:
            self.want_group(Reward, "open_in", it.id)
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))

    def _conversion(self, it: Conversion) -> None:
        if self._sending:
            return
        self.want(Reward, *it.rewards)
        self.want(Case, *(case for case in it.chargebacks.values() if case.startswith("cas_")))

    def _reward(self, it: Reward) -> None:
        self.want(Referral, it.referral)
        self.want_group(Claim, "open_of", it.friend)
        if self._sending:
            self.want_one(Payout, it.payout)
            return
        self.want(Conversion, it.conversion)
        self.want(Case, *it.cases)
        self.want_one(Payout, it.payout)
        self.want(Counter, limits.spent_key(it.program), (it.program, it.beneficiary, *limits.KEPT))

    def _case(self, it: Case) -> None:
        self.want(Reward, *it.rewards)

    def _payout(self, it: Payout) -> None:
        if self._told:
            return
        self.want(Payee, it.beneficiary)
        self.want(Reward, *(part.reward for part in it.parts))
        self.want(Reward, *(id_ for part in it.parts for id_, _ in part.netted))

    def _claim(self, it: Claim) -> None:
        self.want(Referral, *it.ended)
        self.want_one(Referral, it.referral)
        if self._sending:
            self.want_one(Conversion, it.conversion)
            return
        self.want(Case, *it.cases)
        self.want(Customer, it.friend)
        self.want(Advocate, *((it.program, share.person) for share in it.shares))
        self.want_group(Conversion, "person", it.friend)
        self.want_group(Claim, "friend", it.friend)

    def _timer(self, it: Timer) -> None:
        self.want(timers.KINDS[it.kind].noun, it.subject)

    # --- what an event names ------------------------------------------------------------------------------------------

    def name(self, event: AnyEvent) -> None:
        """Want what the event itself names."""
        if event.program is not None:
            self.want(Program, event.program)  # unless all programs, which are here, have it
        named = self._NAMED.get(type(event))
        if named is not None:
            named(self, event)

    def _enrolled(self, event: events.AdvocateEnrolled) -> None:
        self.want_one(Code, event.code)
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))

    def _moved(self, event: events.AdvocateSuspended | events.PersonErased) -> None:
        self.want(Advocate, *((program.id, event.person) for program in self.state.all(Program)))
        self.want_group(Reward, "unsettled_with", event.person)

    def _clicked(self, event: events.ClickRecorded) -> None:
        self.want(Code, event.code)
        self.want_one(Visitor, event.visitor)

    def _led(self, event: events.LeadCreated) -> None:
        self._touched(event)
        self.want(Customer, event.person)
        self.want_group(Conversion, "person", event.person)
        self.want_group(Claim, "friend", event.person)

    def _converted(self, event: events.ConversionRecorded) -> None:
        self._touched(event)
        self.want(Conversion, conversions.key_of(event))
        self.want(Customer, event.person)

    def _touched(self, event: events.LeadCreated | events.ConversionRecorded) -> None:
        self.want_one(Visitor, event.visitor)
        self.want_one(Code, event.code)
        self.want_one(Code, event.link_code)

    def _of_invoice(self, event: events.ConversionRefunded) -> None:
        self.want(Conversion, conversions.invoice_key(event.invoice))

    def _of_customer(self, event: events.CustomerKnown) -> None:
        self.want(Customer, event.person)

    def _due(self, event: events.TimerDue) -> None:
        self.want(Timer, event.timer)

    def _listed(self, event: events.ApprovalGiven) -> None:
        self.want(Reward, *(item.id for item in event.items))

    def _of_case(self, event: events.CaseDecided) -> None:
        self.want(Case, event.case)

    def _claimed(self, event: events.ClaimEntered) -> None:
        self.want(Customer, event.person)
        self.want_group(Claim, "friend", event.person)
        self.want_group(Claim, "open_of", event.person)
        if event.program is not None:
            self.want(Advocate, *((event.program, person) for person, _, _ in event.advocates))

    def _of_claim(self, event: events.ClaimDecided) -> None:
        self.want(Claim, event.claim)

    def _of_payee(self, event: events.PayeeSet) -> None:
        self.want(Payee, event.person)
        self.want_group(Reward, "unsettled_with", event.person)

    def _drafted(self, event: events.PayoutDrafted) -> None:
        self.want(Payee, *event.beneficiaries)
        self.want_group(Reward, "unsettled_with", *event.beneficiaries)

    def _released(self, event: events.PayoutReleased) -> None:
        self.want(Payout, *(item.id for item in event.items))

    def _of_payout(self, event: events.PayoutCanceled) -> None:
        self.want(Payout, event.payout)

    def doubles(self, asked: Sequence[Evidence]) -> None:
        """A referred customer's other conversions: doubles are looked for among them."""
        for event, evidence_ in zip(self.batch, asked, strict=True):
            if type(event) is events.ConversionRecorded and evidence_.persons:
                self.want_group(Conversion, "person", event.person)
                self.want_group(Claim, "friend", event.person)

    def alone(self, actor: str, as_of: int) -> None:
        """What a member approved or released alone today, for the beneficiaries on the list."""
        for event in self.batch:
            if type(event) is events.ApprovalGiven:
                people = {r.beneficiary for i in event.items if (r := self.state.get(Reward, i.id)) is not None}
                self.want(Counter, *(reviews.alone_key(actor, "approved", person, as_of) for person in people))
                self.want(Payee, *people)
            elif type(event) is events.PayoutReleased:
                people = {p.beneficiary for i in event.items if (p := self.state.get(Payout, i.id)) is not None}
                self.want(Counter, *(reviews.alone_key(actor, "released", person, as_of) for person in people))

    #: event -> what wants all that it names
    _NAMED: ClassVar[dict[type[events.Event], Callable[[_Needs, Any], None]]] = {
        events.AdvocateEnrolled: _enrolled,
        events.AdvocateSuspended: _moved,
        events.AdvocateResumed: _moved,
        events.AdvocateLeft: _moved,
        events.PersonErased: _moved,
        events.ClickRecorded: _clicked,
        events.LeadCreated: _led,
        events.ConversionRecorded: _converted,
        events.ConversionRefunded: _of_invoice,
        events.ChargebackOpened: _of_invoice,
        events.ChargebackClosed: _of_invoice,
        events.CustomerKnown: _of_customer,
        events.CustomerUpdated: _of_customer,
        events.TimerDue: _due,
        events.ApprovalGiven: _listed,
        events.RewardsRejected: _listed,
        events.ApprovalWithdrawn: _listed,
        events.CaseDecided: _of_case,
        events.CaseAppealed: _of_case,
        events.ClaimEntered: _claimed,
        events.ClaimTaken: _of_claim,
        events.ClaimDecided: _of_claim,
        events.ClaimAppealed: _of_claim,
        events.PayeeSet: _of_payee,
        events.PayoutDrafted: _drafted,
        events.PayoutReleased: _released,
        events.PayoutCanceled: _of_payout,
        events.PayoutAnswered: _of_payout,
    }
    #: noun -> what wants all that an entity of it points to
    _POINTERS: ClassVar[dict[type[Entity], Callable[[_Needs, Any], None]]] = {
        Code: _code,
        Customer: _customer,
        Visitor: _visitor,
        Lead: _lead,
        Referral: _referral,
        Conversion: _conversion,
        Reward: _reward,
        Case: _case,
        Payout: _payout,
        Claim: _claim,
        Timer: _timer,
    }
