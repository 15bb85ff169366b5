"""A lead: the moment at which a friend becomes known, and the one decision about who referred them.

A customer is bound once. Whatever comes later and would have it otherwise becomes a claim: nothing moves by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from goodword.core import calendar, companies, confidence, kin, late_proof, protection, referrals, semantics
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ClickRecorded, ConversionRecorded, LeadCreated
from goodword.core.facts import Told, Touch
from goodword.core.stages import attribution, eligibility
from goodword.core.stages.attribution import Choice
from goodword.core.state import Advocate, Code, Customer, Lead, Program, Referral, Visitor

#: What gives a row, if there is one.
Get = Callable[[type[Any], str], Any]
#: A visitor or person is linked to at most this many of the other: beyond it the link says nothing.
MOST_LINKS = 100
#: So many leads of a customer wait, the newest.
MOST_WAITING = 20


def lead_of(event: LeadCreated | ConversionRecorded) -> Lead:
    """What an event says of who was brought by what. A conversion that carries a touch is a lead as well."""
    return Lead(
        id=event.evt,
        person=event.person,
        at=event.at,
        program=event.program,
        visitor=event.visitor,
        click=event.click,
        code=event.code,
        link_code=event.link_code,
        unverified=event.unverified,
        entered_by=event.entered_by if isinstance(event, LeadCreated) and not event.unverified else None,
    )


def is_lead(event: ConversionRecorded, customer: Customer | None) -> bool:
    """Whether a conversion is a lead as well: it carries a touch, and its customer is not bound or it names a code."""
    if event.code is not None or event.link_code is not None:
        return True
    carries = event.click is not None or event.visitor is not None
    return carries and (customer is None or not customer.referrals)


def decide(draft: Draft, event: LeadCreated, told: Told) -> list[Referral]:
    """Attribute the lead; the referrals that it bound, whose earlier conversions are to be decided again.

    What a page says is kept as evidence and changes nothing of its customer: no visitor, no country, no binding.
    """
    lead = lead_of(event)
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    if event.unverified:
        draft.put(lead)
        draft.put(replace(customer, unverified_leads=(*customer.unverified_leads, lead.id)[-MOST_LINKS:]))
        step = Step("lead", {"at": lead.at, "unverified": True})
        draft.say(refused("attribution", "unverified_lead", step, subject=lead.id))
        return []
    country, disposable = event.country or customer.country, event.disposable or customer.disposable
    now = companies.said(draft, replace(customer, country=country, disposable=disposable), event)
    draft.put(now)
    late_proof.look(draft, told, event.person)
    late_proof.of_company(draft, customer, now)
    bound = confirm(draft, event, told) if customer.unverified_leads else []
    return bound + attribute(draft, lead, told)


def confirm(draft: Draft, event: LeadCreated | ConversionRecorded, told: Told) -> list[Referral]:
    """A signed source names the customer of a page's leads with the same visitor or click: those bind now, with their own times.

    Only now is the visitor linked to the customer, too.
    The name alone is not enough: a page may say anybody's.
    """
    customer = draft.need(Customer, event.person)
    if not customer.unverified_leads:
        return []
    leads = [draft.need(Lead, id_) for id_ in customer.unverified_leads]
    same = [lead for lead in leads if confirms(event, lead)]
    draft.put(replace(customer, unverified_leads=tuple(lead.id for lead in leads if lead not in same)))
    bound = []
    for lead in same:
        confirmed = draft.semantics >= semantics.CONFIDENCE_IS_SAID
        known = draft.put(replace(lead, unverified=False, confirmed=confirmed))
        bound += attribute(draft, known, told, redecides=lead.id)
    return bound


def confirms(event: LeadCreated | ConversionRecorded, lead: Lead) -> bool:
    """Whether an event of a signed source names the visitor or the click of a page's lead. Only such a lead is evidence for it."""
    visitor = lead.visitor is not None and lead.visitor == event.visitor
    return visitor or (lead.click is not None and lead.click == event.click)


def attribute(draft: Draft, lead: Lead, told: Told, redecides: str | None = None) -> list[Referral]:
    """One attribution verdict a program. Binds at most one program (each, where a program shares customers)."""
    who = kin.root(draft.get, lead.person)
    lead = lead if who == lead.person else replace(lead, person=who)
    waiting = of_other_visitors(draft.get, who, lead.visitor) if redecides is None else ()
    customer = _link(draft, lead)
    if not waiting or draft.semantics < semantics.LATE_OF_BEFORE:
        return _choose(draft, lead, customer, told, redecides)
    woken = _winnable(draft, waiting, customer, {lead.visitor or ""}, told)
    bound = again(draft, [each for each in woken if each.at < lead.at], told)
    bound += _choose(draft, lead, customer, told, redecides)
    later = [each for each in woken if each.at >= lead.at]
    return bound + (again(draft, later, told) if not draft.need(Customer, who).referrals else [])


def _choose(draft: Draft, lead: Lead, customer: Customer, told: Told, redecides: str | None) -> list[Referral]:
    named = [code for code in (_code(draft, lead.code), _code(draft, lead.link_code)) if code is not None]
    candidates = attribution.touches_of(draft, lead, customer, told)
    touched = [candidate.code for candidate in candidates]
    programs = eligibility.programs_of(draft, lead, named, customer, touched)
    choices = [attribution.choose(draft, program, lead, candidates, told) for program in programs]
    choices.sort(key=_rank)
    bound: list[Referral] = []
    for choice in choices:
        referral = _decide(draft, lead, choice, told, redecides)
        if referral is not None:
            bound.append(referral)
    if not choices:
        draft.say(replace(refused("attribution", "no_touch", subject=lead.id), redecides=redecides))
    if draft.semantics >= semantics.LATE_IS_NOT_LOST:
        won = any(choice.winner is not None for choice in choices)
        _wait_for(draft, lead, [candidate.code for candidate in candidates], won=won)
    elif not bound:
        _wait(draft, lead, named)
    return bound


def of_other_visitors(get: Get, person: str, visitor: str | None) -> tuple[str, ...]:
    """Return the leads that no touch has won of somebody's visitors, if this one turns out to be theirs too."""
    customer = get(Customer, person)
    if visitor is None or customer is None or visitor in customer.visitors:
        return ()
    leads: tuple[str, ...] = customer.waiting
    return leads


def that_a_click_may_win(get: Get, event: ClickRecorded, visitor: Visitor) -> list[str]:
    """Return the leads that no touch has won of whom a click's visitor turned out to be."""
    theirs = [customer for person in visitor.persons if (customer := get(Customer, person)) is not None]
    leads = (*visitor.leads, *(lead for customer in theirs for lead in customer.waiting))
    return [lead for lead in dict.fromkeys(leads) if awaits(event, get(Lead, lead))]


def of_two(get: Get, *persons: str) -> list[str]:
    """Return what waits of accounts that turn out to be one."""
    theirs = [customer for person in persons if (customer := get(Customer, person)) is not None]
    return [lead for customer in theirs for lead in customer.waiting]


def joined(draft: Draft, person: str, leads: list[str], told: Told) -> list[Referral]:
    """Decide again what waited of somebody who was two accounts: a touch, or the company, of one may win a lead of the other."""
    if not leads:
        return []
    customer = draft.need(Customer, person)
    bound = again(draft, _winnable(draft, leads, customer, {*customer.visitors}, told), told)
    return bound + of_company(draft, Customer(person=person), draft.need(Customer, person), told)


def of_company(draft: Draft, before: Customer, now: Customer, told: Told) -> list[Referral]:
    """Decide again what waited of somebody who turns out to belong to a company: a partner's protection of it may win that."""
    return again(draft, [lead for lead, _ in protection.waiting(draft.get, before, now)], told)


def _winnable(draft: Draft, leads: Sequence[str], customer: Customer, visitors: set[str], told: Told) -> list[Lead]:
    """Those of these leads that a touch of these visitors may win, before what binds their customer."""
    touches = [touch.at for touch in told.touches(visitors, None) if not touch.bot]
    binds = [draft.need(Referral, id_).lead_at for id_ in customer.referrals]
    found = [draft.need(Lead, id_) for id_ in leads] if touches else []
    return [lead for lead in found if min(touches) <= lead.at and not any(at <= lead.at for at in binds)]


def _rank(choice: Choice) -> tuple[bool, bool, int]:
    """Where programs compete for one customer, a typed code comes before a click, and a later touch before an earlier."""
    winner = choice.winner if choice.refusal is None else None
    sure = winner is not None and (winner.typed or winner.registered is not None)
    return winner is None, winner is not None and not sure, -(winner.at if winner is not None else 0)


def _code(draft: Draft, code: str | None) -> Code | None:
    return None if code is None else draft.get(Code, code)


def _decide(draft: Draft, lead: Lead, choice: Choice, told: Told, redecides: str | None) -> Referral | None:
    """Bind, or say why not. What an existing binding keeps out becomes a claim if it names another advocate."""
    program = draft.need(Program, choice.program)
    customer = draft.need(Customer, lead.person)
    refusal, steps = choice.refusal, list(choice.steps)
    winner = choice.winner
    if refusal is None and winner is not None:
        refusal = referrals.bound(draft, program, customer, winner, lead, steps) or referrals.existing(
            draft, told, customer, lead, winner, steps
        )
    if refusal is not None or winner is None or winner.person is None or winner.rules is None:
        late = refusal == "already_bound" and winner is not None
        sooner = referrals.sooner(draft, program, customer, winner, lead) if late and winner is not None else None
        if sooner is not None:
            steps.append(Step("lead", {"at": lead.at}))
        verdict = refused("attribution", refusal or "no_touch", *steps, program=program.id, subject=lead.id)
        draft.say(replace(verdict, redecides=redecides))
        return sooner
    rules = draft.rules_of(winner.rules)
    sure = confidence.of_lead(lead, winner, choice.eligible, rules.attribution.touch, again=redecides is not None)
    referral = referrals.bind(draft, program.id, lead, referrals.whole(winner.person), winner.rules, sure, touch=winner)
    window = Step(
        "winner",
        {
            "touch": winner.touch,
            "touch_at": winner.at,
            "typed": winner.typed,
            "lead_at": lead.at,
            "window": rules.attribution.window,
            "model": rules.attribution.touch,
            "new_customers_only": rules.new_customers_only,
            "requires_terms": rules.requires_terms,
            "shares_customers": rules.shares_customers,
            "rules": winner.rules,
            **({"registered": winner.registered} if winner.registered is not None else {}),
        },
    )
    draft.say(
        Verdict(
            about="attribution",
            outcome="attributed",
            program=program.id,
            subject=referral.id,
            beneficiary=winner.person,
            redecides=redecides,
            steps=(*steps, window, *confidence.told(draft, sure)),
        )
    )
    return referral


def _wait(draft: Draft, lead: Lead, named: list[Code]) -> None:
    """A lead that bound nothing is decided again when somebody enrols with the code it named in vain."""
    vain = [code for code in (lead.code, lead.link_code) if code is not None]
    for id_ in vain:
        code = next((code for code in named if code.id == id_), None) or draft.get(Code, id_) or Code(id=id_)
        if code.person is None and lead.id not in code.leads:
            draft.put(lead)
            draft.put(replace(code, leads=(*code.leads, lead.id)[-MOST_LINKS:]))


def _wait_for(draft: Draft, lead: Lead, codes: list[str], *, won: bool) -> None:
    """A lead that no touch has won is decided again by a click of a visitor of its customer.

    Whoever won it, so it is when somebody enrols with a code that led to it, or a suspension turns out to have been wrong.
    """
    for id_ in dict.fromkeys(codes):
        code = draft.get(Code, id_) or Code(id=id_)
        owner = (
            None if code.program is None or code.person is None else draft.get(Advocate, (code.program, code.person))
        )
        if (owner is None or owner.status == "suspended") and lead.id not in code.leads:
            draft.put(lead)
            draft.put(replace(code, leads=(*code.leads, lead.id)[-MOST_LINKS:]))
    if won:
        return
    if draft.semantics >= semantics.LATE_OF_BEFORE:
        customer = draft.need(Customer, lead.person)
        if lead.id not in customer.waiting:
            draft.put(lead)
            draft.put(replace(customer, waiting=(*customer.waiting, lead.id)[-MOST_WAITING:]))
        return
    if lead.visitor is None:
        return
    visitor = draft.get(Visitor, lead.visitor) or Visitor(id=lead.visitor, persons=())
    if lead.id not in visitor.leads:
        draft.put(lead)
        draft.put(replace(visitor, leads=(*visitor.leads, lead.id)[-MOST_LINKS:]))


def _link(draft: Draft, lead: Lead) -> Customer:
    """The visitor turned out to be this person, who is returned."""
    customer = draft.get(Customer, lead.person)
    if customer is None:
        customer = draft.put(Customer(person=lead.person))
    if lead.visitor is not None and lead.visitor not in customer.visitors and len(customer.visitors) < MOST_LINKS:
        customer = draft.put(replace(customer, visitors=(*customer.visitors, lead.visitor)))
        visitor = draft.get(Visitor, lead.visitor) or Visitor(id=lead.visitor, persons=())
        if lead.person not in visitor.persons and len(visitor.persons) < MOST_LINKS:
            draft.put(replace(visitor, persons=(*visitor.persons, lead.person)))
    return customer


def awaits(event: ClickRecorded, lead: Lead) -> bool:
    """Whether a lead that no touch has won may be won by this click. What a page says wins nothing."""
    latest = lead.at + (calendar.CLOCK_DIFFERENCE if lead.click is not None and lead.click == event.click else 0)
    return not event.unverified and not event.bot and event.at <= latest


def clicked(draft: Draft, event: ClickRecorded, told: Told) -> list[Referral]:
    """A click is an observation. One that would have won an existing binding becomes a claim, unless only a page said it.

    Leads of its visitor that no touch has won are decided again, the earliest first; the referrals that they bind.
    """
    id_ = event.click or event.evt
    touch = Touch(id=id_, code=event.code, at=event.at, visitor=event.visitor, device=event.device, bot=event.bot)
    draft.touches = (touch,)
    said = not event.unverified or draft.semantics < semantics.PAGES_OPEN_NOTHING
    late = referrals.late(draft, touch) if said and event.visitor is not None and not event.bot else ()
    draft.say(Verdict(about="event", outcome="recorded", steps=tuple(late)))
    visitor = draft.get(Visitor, event.visitor) if event.visitor is not None else None
    if visitor is None or event.unverified or event.bot or draft.semantics < semantics.LATE_IS_NOT_LOST:
        return []
    _keep_for_owner(draft, event, visitor)
    if draft.semantics < semantics.LATE_OF_BEFORE:
        leads = [id_ for id_ in visitor.leads if awaits(event, draft.need(Lead, id_))]
    else:
        leads = that_a_click_may_win(draft.get, event, visitor)
    return again(draft, [draft.need(Lead, id_) for id_ in leads], told)


def _keep_for_owner(draft: Draft, event: ClickRecorded, visitor: Visitor) -> None:
    """Nobody has the clicked code yet: whoever enrols with it may have brought who is bound by another click.

    It is kept as a lead of that customer, the first of a browser that several share.
    """
    code = draft.get(Code, event.code) or Code(id=event.code)
    if code.person is not None:
        return
    for person in visitor.persons:
        for id_ in draft.need(Customer, person).referrals:
            referral = draft.need(Referral, id_)
            if referral.touch is not None and not referral.typed and event.at <= referral.lead_at:
                at, program = referral.lead_at, referral.program
                lead = draft.put(Lead(id=event.evt, person=person, at=at, program=program, visitor=visitor.id))
                draft.put(replace(code, leads=(*code.leads, lead.id)[-MOST_LINKS:]))
                return


def again(draft: Draft, leads: list[Lead], told: Told) -> list[Referral]:
    """Decide leads again that waited, the earliest first. Returns the referrals that they bind.

    Where a customer is bound by now, what would have won becomes a claim.
    """
    bound: list[Referral] = []
    for lead in sorted(leads, key=lambda lead: (lead.at, lead.id)):
        visitor = draft.get(Visitor, lead.visitor) if lead.visitor is not None else None
        if visitor is not None and lead.id in visitor.leads:
            draft.put(replace(visitor, leads=tuple(id_ for id_ in visitor.leads if id_ != lead.id)))
        customer = draft.get(Customer, kin.root(draft.get, lead.person))
        if customer is not None and lead.id in customer.waiting:
            draft.put(replace(customer, waiting=tuple(id_ for id_ in customer.waiting if id_ != lead.id)))
        bound += attribute(draft, lead, told, redecides=lead.id)
    return bound
