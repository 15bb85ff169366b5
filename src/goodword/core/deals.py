"""Deals: what a CRM says of a sale, and what a partner registers so that the sale is known as theirs.

A conflict is found and never decided: whoever accepts a registration names those that they saw. An acceptance protects the company for
a time, half-open, and is a touch of its contact: the lead path binds, here as everywhere. What becomes of a registration follows from
all that CRMs said of its deals, in whatever order that came (docs/decisions/0086).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from goodword.core import (
    advocates,
    agreements,
    amendments,
    calendar,
    conduct,
    confidence,
    conversions,
    kin,
    late_proof,
    leads,
    lifecycles,
    persons,
    pilots,
    settlement,
)
from goodword.core import companies as firms
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import (
    DealAccepted,
    DealDeclined,
    DealNoted,
    DealRegistered,
    DealReported,
    DealWithdrawn,
    TimerDue,
)
from goodword.core.facts import Told
from goodword.core.stages import eligibility
from goodword.core.state import (
    Act,
    Advocate,
    Code,
    Company,
    Conflict,
    Customer,
    Deal,
    Lead,
    Message,
    Program,
    Prospect,
    Referral,
    Registration,
    Terms,
)

#: What gives a row, if there is one.
Get = Callable[[type[Any], str], Any]
#: What may be protected, in days.
MOST_DAYS: Final = 730
#: For how many days it is where neither who accepts it says, nor an agreement with its partner.
PROTECTED_DAYS: Final = 90
#: Why a registration is declined: its partner is told a sentence for each.
REASONS: Final = ("own_deal", "existing_customer", "protected", "duplicate", "no_fit", "unreachable", "other")
#: Who writes on a registration.
SIDES: Final = ("partner", "sales")
#: So many messages of a registration are kept by it, the newest; so many of its conflicts are shown, the surest; so many deals come of
#: it; so many deals and registrations are known by one company.
MOST_MESSAGES: Final = 100
MOST_CONFLICTS: Final = 20
MOST_DEALS: Final = 20
MOST_AT_ONE: Final = 100
#: So many registrations of one company wait that one partner made: who registers it once more keeps nobody else out.
MOST_WAITING: Final = 10

#: What may be equal of two companies -> how sure it is then that they are one. Many have the same name: that is a hint, and no more.
SURE: Final = {"company_ref": "exact", "company_domain": "probable", "company": "possible"}
#: Kinds of conflicts, the gravest first.
KINDS: Final = ("protected", "left_out", "own_deal", "own_customer", "existing_customer", "bound", "registered")
#: Of which no deal comes any more.
_ENDED: Final = ("declined", "withdrawn")
#: What is found by deals alone, and found again when one is reported.
_OF_DEALS: Final = frozenset({"own_deal", "own_customer"})


def companies(it: DealReported | DealRegistered | Deal | Registration) -> dict[str, str]:
    """Return what is said of the company, by what it is, the surest first."""
    return {by: id_ for by in SURE if (id_ := getattr(it, by)) is not None}


def lead_of(get: Get, event: DealReported) -> Lead | None:
    """Return the lead that a report is, which says a code that its deal did not say before; None: it is none.

    It is as of the day on which the deal was opened, unless that was told before without this code: then it was said since, and
    makes nobody new who was a customer by then.
    """
    if event.code is None or event.person is None:
        return None
    before = get(Deal, event.deal)
    if before is not None and before.led_by == event.code:
        return None
    since = before is not None and before.at < event.occurred_at
    at = event.occurred_at if since else _opened(event)
    return Lead(id=event.evt, person=event.person, at=at, program=event.program, code=event.code)


def lead_of_acceptance(registration: Registration) -> Lead:
    """Return the lead that a registration is once it is accepted: the contact was named when it was registered."""
    return Lead(
        id=registration.evt,
        person=registration.person,
        at=registration.at,
        program=registration.program,
        registration=registration.id,
    )


def reported(draft: Draft, event: DealReported, told: Told) -> list[Referral]:
    """Keep what was said last of a deal; what was said before that and comes later only tells since when.

    Returns the referral that its code bound.
    """
    before, lead = draft.get(Deal, event.deal), lead_of(draft.get, event)
    latest = before is None or event.occurred_at >= before.at
    deal = _told(event) if before is None or latest else before
    since = dict(before.since) if before is not None else {}
    since[event.status] = min(since.get(event.status, event.occurred_at), event.occurred_at)
    opened = _opened(event) if before is None else min(before.opened_at, _opened(event))
    deal = replace(deal, opened_at=opened, since=since, led_by=event.code if lead is not None else _led_by(before))
    deal = replace(deal, lost_at=_lost(before, event))
    deal = _linked(draft, event, before, deal)
    draft.put(deal)
    _index(draft, before, deal)
    said = {"deal": deal.id, "status": event.status, "latest": latest, "registration": deal.registration}
    draft.say(Verdict(about="event", outcome="deal_reported", subject=deal.id, steps=(Step("deal", said),)))
    _became(draft, (before.registration if before is not None else None, deal.registration))
    if event.orders and _lost_after_won(event, deal):
        amendments.take_back(draft, conversions.invoice_key(deal.id), event)
    late_proof.colleagues(draft, None)
    return leads.attribute(draft, lead, told) if lead is not None else []


def _became(draft: Draft, registrations: Iterable[str | None]) -> None:
    """Say of each of these whether it is won, lost, open again or over by what was said of its deals now."""
    for id_ in dict.fromkeys(registrations):
        it = _settle(draft, draft.need(Registration, id_)) if id_ is not None else None
        if it is None:
            continue
        match it.status:
            case "won":
                draft.say(Verdict(about="event", outcome="deal_won", program=it.program, subject=it.id))
            case "lost":
                draft.say(Verdict(about="event", outcome="deal_lost", program=it.program, subject=it.id))
            case "expired":
                draft.say(Verdict(about="event", outcome="deal_expired", program=it.program, subject=it.id))
            case _:
                draft.say(Verdict(about="event", outcome="deal_reopened", program=it.program, subject=it.id))


def _lost(before: Deal | None, event: DealReported) -> int | None:
    """When a deal was last said to be lost; of before that was kept it is known when it was first."""
    times = [] if before is None else [before.lost_at, before.since.get("lost")]
    return max((at for at in (*times, event.occurred_at if event.status == "lost" else None) if at), default=None)


def _lost_after_won(event: DealReported, deal: Deal) -> bool:
    """Whether a deal was lost after it was won, in whatever order that was told: its order is taken back then.

    One that is lost and was never won before has none: what it may bring when it is won after all stands.
    """
    won = deal.since.get("won")
    if event.status == "lost" and event.was_won:
        return True
    return won is not None and deal.lost_at is not None and won < deal.lost_at


def _opened(event: DealReported) -> int:
    return event.occurred_at if event.opened_at is None else min(event.opened_at, event.occurred_at)


def _led_by(before: Deal | None) -> str | None:
    return None if before is None else before.led_by


def _told(event: DealReported) -> Deal:
    return Deal(
        id=event.deal,
        status=event.status,
        at=event.occurred_at,
        evt=event.evt,
        opened_at=event.occurred_at,
        since={},
        company=event.company,
        company_domain=event.company_domain,
        company_ref=event.company_ref,
        person=event.person,
        contacts=event.contacts,
        stage=event.stage,
        amount=event.amount,
        currency=event.currency,
        code=event.code,
    )


def _linked(draft: Draft, event: DealReported, before: Deal | None, deal: Deal) -> Deal:
    """The registration that a deal came of is that which was named last.

    One that there is not, or not any more, links nothing, and one that nobody accepted takes no deal from one that was.
    """
    if before is not None:
        deal = replace(deal, registration=before.registration, linked_at=before.linked_at)
    named = event.registration
    if named is None and deal.status == "won":  # of very many it may not be among those that are kept
        named = deal.registration
    registration = draft.get(Registration, named) if named is not None else None
    if registration is None or registration.status in _ENDED or event.occurred_at < deal.linked_at:
        return deal
    other = draft.need(Registration, deal.registration) if deal.registration is not None else None
    if other is not None and _was_accepted(other) and not _was_accepted(registration):
        return deal
    return _link(draft, deal, registration, event.occurred_at)


def _with_room(draft: Draft, registration: Registration, deal: Deal) -> tuple[str, ...]:
    """Its deals; one that is not won makes room for one that is, where there are very many."""
    known = registration.deals
    if deal.status != "won" or len(known) < MOST_DEALS:
        return known
    out = next((id_ for id_ in known if draft.need(Deal, id_).status != "won"), None)
    return tuple(id_ for id_ in known if id_ != out)


def _was_accepted(registration: Registration) -> bool:
    return registration.accepted_at is not None and registration.status not in _ENDED


def _link(draft: Draft, deal: Deal, registration: Registration, at: int) -> Deal:
    """A deal came of a registration, and no more of another one."""
    if deal.registration not in (None, registration.id):
        other = draft.need(Registration, deal.registration or "")
        draft.put(replace(other, deals=tuple(id_ for id_ in other.deals if id_ != deal.id)))
    if deal.id not in registration.deals:
        known = _with_room(draft, registration, deal)
        draft.put(replace(registration, deals=(*known, deal.id)[:MOST_DEALS]))
    return replace(deal, registration=registration.id, linked_at=at)


def _index(draft: Draft, before: Deal | None, deal: Deal) -> None:
    """Its companies have a deal of our own, or none any more; registrations of theirs are told."""
    now = companies(deal)
    ids = {*now.values(), *(companies(before).values() if before is not None else ())}
    own = not _is_partners(draft, deal)
    brought = deal.code is not None or deal.led_by is not None or _is_friends(draft, deal)
    concerned: set[str] = set()
    for id_ in sorted(ids):
        prospect = draft.get(Prospect, id_) or Prospect(id=id_)
        here = own and id_ in now.values()
        open_ = _with(prospect.open, deal.id, deal.opened_at if here and deal.status == "open" else None)
        won = _with(prospect.won, deal.id, deal.since.get("won") if here and deal.status == "won" else None)
        stands = here and deal.status in ("open", "won") and not brought
        ours = _with(prospect.ours, deal.id, deal.opened_at if stands else None)
        if (open_, won, ours) != (prospect.open, prospect.won, prospect.ours):
            draft.put(replace(prospect, open=open_, won=won, ours=ours))
            concerned.update(prospect.registrations)
    for id_ in sorted(concerned):
        registration = draft.need(Registration, id_)
        if registration.status in ("submitted", "accepted"):
            others = [each for each in registration.conflicts if each.kind not in _OF_DEALS or each.subject != deal.id]
            _put(draft, registration, _surest([*others, *(_with_deal(registration, deal) if own else ())]))


def _is_partners(draft: Draft, deal: Deal) -> bool:
    """Whether a deal came of a registration that nobody declined or took back: else it is our own."""
    return deal.registration is not None and draft.need(Registration, deal.registration).status not in _ENDED


def _is_friends(draft: Draft, deal: Deal) -> bool:
    """Whether somebody had brought its contact when it was opened: then we speak with the company because of them."""
    customer = draft.get(Customer, kin.root(draft.get, deal.person)) if deal.person is not None else None
    referrals = [draft.need(Referral, id_) for id_ in customer.referrals] if customer is not None else []
    return any(it.lead_at <= deal.opened_at + calendar.CLOCK_DIFFERENCE for it in referrals)


def _with(known: dict[str, int], deal: str, at: int | None) -> dict[str, int]:
    """A deal is one of these since then, or none of them. Of a company that has very many the oldest are kept."""
    if at is None:
        return {id_: since for id_, since in known.items() if id_ != deal} if deal in known else known
    if deal not in known and len(known) >= MOST_AT_ONE:
        newest = max(known, key=lambda id_: (known[id_], id_))
        if (at, deal) >= (known[newest], newest):
            return known
        known = {id_: since for id_, since in known.items() if id_ != newest}
    return {**known, deal: at}


def _put(draft: Draft, registration: Registration, conflicts: tuple[Conflict, ...]) -> None:
    if conflicts != registration.conflicts:
        draft.put(replace(registration, conflicts=conflicts))


# --- conflicts --------------------------------------------------------------------------------------------------------


def conflicts(draft: Draft, told: Told, registration: Registration) -> tuple[Conflict, ...]:
    """Return who else has to do with the company of a registration, the surest first. Nothing follows from it by itself."""
    return _surest(_all(draft, told, registration))


def _all(draft: Draft, told: Told, registration: Registration) -> list[Conflict]:
    found = [
        *_with_deals(draft, registration),
        *_with_agreement(draft, registration),
        *_with_partners(draft, registration),
        *_with_advocates(draft, registration),
    ]
    customer = draft.get(Customer, kin.root(draft.get, registration.person))
    known = None if customer is None else persons.known_before(draft, told, customer, draft.as_of)
    if known is not None:
        who, since = known[0], (known[0].first_conversion_at, known[0].known_since)
        found.append(Conflict("existing_customer", "contact", "exact", who.person, min(at for at in since if at)))
        return found
    return [*found, *_surest([*_with_customers(draft, registration)])[:1]]


def _with_customers(draft: Draft, registration: Registration) -> Iterator[Conflict]:
    """Others of the company are customers: who their senders name by its domain or id, or who only have a mail there or its name."""
    for by, id_ in companies(registration).items():
        company = draft.get(Company, id_)
        if company is None:
            continue
        for since, sure in ((company.sure_since, SURE[by]), (company.since, "possible")):
            if since is not None and firms.is_before(since, draft.as_of):
                yield Conflict("existing_customer", by, sure, id_, since)


def _with_deal(registration: Registration, deal: Deal) -> Iterator[Conflict]:
    kind = {"open": "own_deal", "won": "own_customer"}.get(deal.status)
    theirs = companies(deal).values()
    for by, id_ in companies(registration).items() if kind is not None else ():
        if id_ in theirs and kind is not None:
            yield Conflict(kind, by, SURE[by], deal.id, deal.since["won"] if kind == "own_customer" else deal.opened_at)


def _with_deals(draft: Draft, registration: Registration) -> Iterator[Conflict]:
    for by, prospect in _prospects(draft, registration):
        for kind, known in (("own_deal", prospect.open), ("own_customer", prospect.won)):
            for deal, since in known.items():
                yield Conflict(kind, by, SURE[by], deal, since)


def _with_agreement(draft: Draft, registration: Registration) -> Iterator[Conflict]:
    """The partner's own agreement leaves the company out."""
    found = agreements.in_force(draft, registration.program, registration.advocate)
    for by, id_ in companies(registration).items() if found is not None else ():
        if found is not None and id_ in found.terms.accounts:
            yield Conflict("left_out", by, SURE[by], found.agreement.id, found.terms.since)


def _with_partners(draft: Draft, registration: Registration) -> Iterator[Conflict]:
    mine = kin.root(draft.get, registration.advocate)
    for by, prospect in _prospects(draft, registration):
        for id_ in prospect.registrations:
            other = draft.need(Registration, id_)
            if id_ == registration.id or kin.root(draft.get, other.advocate) == mine:
                continue
            if other.protects(draft.as_of):
                yield Conflict("protected", by, SURE[by], id_, other.accepted_at or 0)
            elif other.status == "submitted":
                yield Conflict("registered", by, SURE[by], id_, other.at)


def _with_advocates(draft: Draft, registration: Registration) -> Iterator[Conflict]:
    """The contact is bound to somebody else, in whichever program: an acceptance moves nobody."""
    mine = kin.root(draft.get, registration.advocate)
    customer = draft.get(Customer, kin.root(draft.get, registration.person))
    for id_ in customer.referrals if customer is not None else ():
        referral = draft.need(Referral, id_)
        if all(kin.root(draft.get, share.person) != mine for share in referral.shares):
            yield Conflict("bound", "contact", "exact", id_, referral.lead_at)


def _prospects(draft: Draft, registration: Registration) -> Iterator[tuple[str, Prospect]]:
    for by, id_ in companies(registration).items():
        prospect = draft.get(Prospect, id_)
        if prospect is not None:
            yield by, prospect


def _surest(found: list[Conflict]) -> tuple[Conflict, ...]:
    """Each once, by what is surest; the gravest first."""
    best: dict[tuple[str, str], Conflict] = {}
    for each in sorted(found, key=lambda it: confidence.LEVELS.index(it.sure)):
        best.setdefault((each.kind, each.subject), each)
    ordered = sorted(
        best.values(), key=lambda it: (confidence.LEVELS.index(it.sure), KINDS.index(it.kind), it.since, it.subject)
    )
    return tuple(ordered[:MOST_CONFLICTS])


def _steps(found: tuple[Conflict, ...]) -> tuple[Step, ...]:
    return tuple(
        Step("conflict", {"kind": it.kind, "by": it.by, "sure": it.sure, "subject": it.subject, "since": it.since})
        for it in found
    )


# --- registrations ----------------------------------------------------------------------------------------------------


def registered(draft: Draft, event: DealRegistered, told: Told) -> None:
    """A partner registers a deal: whoever else has to do with the company is shown beside it at once."""
    program, refusal = advocates.program_of(draft, event.program, event.occurred_at)
    if program is None:
        draft.say(refused("event", refusal))
        return
    advocate = draft.get(Advocate, (program.id, event.advocate))
    version = program.version_at(event.occurred_at)
    against = eligibility.closed(program.status) if version is None or program.status != "active" else None
    if version is not None:
        against = against or eligibility.standing(advocate, draft.rules_of(version), event.occurred_at)
        if against is None and pilots.outside(program, event.advocate, "deal", event.occurred_at):
            against = "outside_pilot"
    if against is None and event.person == event.advocate:
        against = "self_referral"
    if against is not None or advocate is None:
        draft.say(refused("event", against or "advocate_not_enrolled", program=program.id))
        return
    registration = Registration(
        id=draft.id("reg", "registration", program=program.id),
        program=program.id,
        advocate=event.advocate,
        person=event.person,
        code=advocate.codes[0],
        status="submitted",
        at=event.occurred_at,
        evt=draft.evt,
        company=event.company,
        company_domain=event.company_domain,
        company_ref=event.company_ref,
        amount=event.amount,
        currency=event.currency,
        percent=event.percent,
        acts=(Act(event.entered_by, "deal.registered"),) if event.entered_by is not None else (),
    )
    if draft.get(Customer, event.person) is None:
        draft.put(Customer(person=event.person, disposable=event.disposable))
    registration = replace(registration, conflicts=conflicts(draft, told, registration))
    full = _enter(draft, registration)
    if full is not None:
        draft.say(refused("event", "too_many", Step("registrations", {"most": full}), program=program.id))
        return
    draft.put(registration)
    for each in registration.conflicts:
        if each.kind == "registered":  # the other one is told as well
            other = draft.need(Registration, each.subject)
            mine = Conflict("registered", each.by, each.sure, registration.id, registration.at)
            _put(draft, other, _surest([*other.conflicts, mine]))
    draft.say(
        Verdict(
            about="event",
            outcome="deal_registered",
            program=program.id,
            subject=registration.id,
            steps=_steps(registration.conflicts),
        )
    )


def _enter(draft: Draft, registration: Registration) -> int | None:
    """Note a registration at its companies, or at none: how many are too many, where one has so many that still matter.

    Many companies have one name: a name that has too many is left out, and refuses nobody.
    """
    rows = []
    for by, id_ in companies(registration).items():
        prospect = draft.get(Prospect, id_) or Prospect(id=id_)
        known = prospect.registrations
        if by != "company" and _waiting_of(draft, registration.advocate, known) >= MOST_WAITING:
            return MOST_WAITING
        if len(known) >= MOST_AT_ONE:
            known = tuple(each for each in known if _matters(draft, each))
        if len(known) < MOST_AT_ONE:
            rows.append(replace(prospect, registrations=(*known, registration.id)))
        elif by != "company":
            return MOST_AT_ONE
    for row in {row.id: row for row in rows}.values():
        draft.put(row)
    return None


def _waiting_of(draft: Draft, advocate: str, registrations: tuple[str, ...]) -> int:
    """How many of these a partner made that nobody has decided."""
    mine = kin.root(draft.get, advocate)
    those = [draft.need(Registration, id_) for id_ in registrations]
    return sum(it.status == "submitted" and kin.root(draft.get, it.advocate) == mine for it in those)


def _matters(draft: Draft, id_: str) -> bool:
    it = draft.need(Registration, id_)
    return it.status == "submitted" or it.protects(draft.as_of)


def _leave(draft: Draft, registration: Registration) -> None:
    """A registration that was declined or taken back is none of its companies' any more."""
    for id_ in dict.fromkeys(companies(registration).values()):
        prospect = draft.get(Prospect, id_)
        if prospect is not None and registration.id in prospect.registrations:
            others = tuple(each for each in prospect.registrations if each != registration.id)
            draft.put(replace(prospect, registrations=others))


def accepted(draft: Draft, event: DealAccepted, told: Told) -> list[Referral]:
    """Accept a registration: it protects the company from now on, and its contact is decided as a lead.

    Refused where another partner has the company, where a conflict was not seen, and to whoever registered it. Returns what it binds.
    """
    registration = _submitted(draft, event.registration)
    if registration is None:
        return []
    actor = told.need_actor()
    deal = draft.get(Deal, event.deal) if event.deal is not None else None
    refusal = _against(draft, event, registration, deal, told)
    if refusal is not None:
        draft.say(refused("command", *refusal, program=registration.program, subject=registration.id))
        return []
    if deal is not None:
        before, deal = deal, _link(draft, deal, registration, draft.as_of)
        draft.put(deal)
        _index(draft, before, deal)
        registration = draft.need(Registration, registration.id)
    days = _days(draft, event, registration)
    until = draft.as_of + days * calendar.DAY
    registration = draft.put(
        replace(
            registration,
            status="accepted",
            conflicts=conflicts(draft, told, registration),
            accepted_at=draft.as_of,
            protected_until=until,
            decided_by=actor.id,
            decided_evt=draft.evt,
            acts=conduct.noted(registration.acts, draft.semantics, "deal.accepted", actor.id),
        )
    )
    settlement.timer(draft, until, "protection_over", registration.id)
    protection = Step("protection", {"since": draft.as_of, "until": until, "days": days, "most": MOST_DAYS})
    draft.say(
        Verdict(
            about="command",
            outcome="deal_accepted",
            program=registration.program,
            subject=registration.id,
            steps=(protection, *_steps(registration.conflicts)),
        )
    )
    _became(draft, (registration.id,))
    return leads.attribute(draft, lead_of_acceptance(registration), told)


def _days(draft: Draft, event: DealAccepted, registration: Registration) -> int:
    """For how many days a registration is to be protected: as is said, as its partner's agreement has it, or as is usual."""
    if event.days is not None:
        return event.days
    found = agreements.in_force(draft, registration.program, registration.advocate)
    return protected_days(found.terms if found is not None else None)


def protected_days(terms: Terms | None) -> int:
    """For how many days a deal is protected where nobody says: as the terms in force with its partner have it, or as is usual."""
    return PROTECTED_DAYS if terms is None or terms.protection_days is None else terms.protection_days


def _submitted(draft: Draft, id_: str) -> Registration | None:
    """The registration that somebody decides; None, with the refusal said, where there is nothing to decide."""
    registration = draft.get(Registration, id_)
    if registration is None:
        draft.say(refused("command", "not_found", subject=id_))
        return None
    if registration.status != "submitted":
        _wrong(draft, registration)
        return None
    return registration


def _wrong(draft: Draft, registration: Registration) -> None:
    step = Step("status", {"status": registration.status})
    draft.say(refused("command", "wrong_state", step, program=registration.program, subject=registration.id))


def _against(
    draft: Draft, event: DealAccepted, registration: Registration, deal: Deal | None, told: Told
) -> tuple[str, *tuple[Step, ...]] | None:
    """What speaks against an acceptance."""
    item = Step("item", {"item": registration.id})
    acts = (*registration.acts, *_taken_back(draft, registration))
    own = conduct.own_work(draft, told.need_actor(), "accept", acts, (registration.program,), item)
    if own is not None:
        return own
    partner = _against_partner(draft, registration)
    if partner is not None:
        return (partner,)
    days = _days(draft, event, registration)
    if not 1 <= days <= MOST_DAYS:
        return "wrong_state", Step("protection", {"since": None, "until": None, "days": days, "most": MOST_DAYS})
    if event.deal is not None and (
        deal is None or (deal.registration != registration.id and _is_partners(draft, deal))
    ):
        return "wrong_state", Step(
            "deal",
            {
                "deal": event.deal,
                "status": deal.status if deal else None,
                "latest": True,
                "registration": deal.registration if deal else None,
            },
        )
    found = [each for each in _all(draft, told, registration) if each.subject != event.deal]
    taken = [each for each in found if each.kind == "protected" and each.by != "company"]
    if taken:
        return "already_protected", *_steps(_surest(taken))
    unseen = tuple(each for each in _surest(found) if each.subject not in event.conflicts)
    return ("conflict_not_seen", *_steps(unseen)) if unseen else None


def _against_partner(draft: Draft, registration: Registration) -> str | None:
    """Whether the partner may have it by now: they may have gone since they registered it, or turned out to be the contact."""
    program = draft.need(Program, registration.program)
    version = program.version_at(draft.as_of)
    if version is None or program.status != "active":
        return eligibility.closed(program.status)
    if kin.root(draft.get, registration.advocate) == kin.root(draft.get, registration.person):
        return "self_referral"
    code = draft.get(Code, registration.code)
    partner = draft.get(Advocate, (program.id, code.person)) if code is not None and code.person is not None else None
    return eligibility.standing(partner, draft.rules_of(version), draft.as_of)


def _taken_back(draft: Draft, registration: Registration) -> Iterator[Act]:
    """Yield who took another partner's protection of this company back: they do not give it to this one."""
    mine = kin.root(draft.get, registration.advocate)
    for by, prospect in _prospects(draft, registration):
        for id_ in prospect.registrations if by != "company" else ():
            other = draft.need(Registration, id_)
            if kin.root(draft.get, other.advocate) != mine:
                yield from (act for act in other.acts if act.act == "deal.withdrawn")


def declined(draft: Draft, event: DealDeclined, told: Told) -> None:
    """Decline a registration, for a reason that its partner is told."""
    registration = _submitted(draft, event.registration)
    if registration is None:
        return
    reason = event.reason if event.reason in REASONS else "other"
    by = told.need_actor().id
    _leave(draft, registration)
    draft.put(replace(registration, status="declined", reason=reason, decided_by=by, decided_evt=draft.evt))
    draft.say(
        Verdict(
            about="command",
            outcome="deal_declined",
            program=registration.program,
            subject=registration.id,
            steps=(Step("declined", {"reason": reason}),),
        )
    )
    _ours_again(draft, registration)


def _ours_again(draft: Draft, registration: Registration) -> None:
    """The deals of a registration that is over are our own."""
    for id_ in registration.deals:
        deal = draft.need(Deal, id_)
        _index(draft, deal, deal)


def noted(draft: Draft, event: DealNoted, told: Told) -> None:
    """Partner or sales write to each other, whatever its state. A key speaks for the partner alone, and a partner of their own."""
    registration, actor = draft.get(Registration, event.registration), told.need_actor()
    if registration is None or (actor.kind == "person" and registration.advocate != actor.id):
        draft.say(refused("command", "not_found", subject=event.registration))
        return
    side = event.side if event.side in SIDES and actor.kind == "member" else "partner"
    message = Message(side, actor.id, draft.as_of, event.note)
    draft.put(replace(registration, messages=(*registration.messages, message)[-MOST_MESSAGES:]))
    draft.say(
        Verdict(
            about="command",
            outcome="deal_noted",
            program=registration.program,
            subject=registration.id,
            steps=(Step("message", {"side": side}),),
        )
    )


def withdrawn(draft: Draft, event: DealWithdrawn, told: Told) -> None:
    """The partner takes it back: its protection is over at once. What was bound stays so.

    A member who ends a protection so does not give the company to another partner; therefore its companies still know of it.
    """
    registration = draft.get(Registration, event.registration)
    if registration is None:
        draft.say(refused("command", "not_found", subject=event.registration))
        return
    if not lifecycles.may_move("registration", registration.status, "withdrawn"):
        _wrong(draft, registration)
        return
    actor, acts = told.need_actor(), registration.acts
    if registration.protects(draft.as_of) and actor.kind == "member":
        acts = conduct.noted(acts, draft.semantics, "deal.withdrawn", actor.id)
    else:
        _leave(draft, registration)
    until = registration.protected_until
    until = None if until is None else min(until, draft.as_of)
    draft.put(replace(registration, status="withdrawn", protected_until=until, acts=acts))
    draft.say(Verdict(about="command", outcome="deal_withdrawn", program=registration.program, subject=registration.id))
    _ours_again(draft, registration)


def protection_over(draft: Draft, event: TimerDue) -> str:
    """A protection is over: what nothing was won of in it has expired."""
    registration = draft.need(Registration, event.subject)
    return "nothing_to_do" if _settle(draft, registration) is None else "deal_expired"


def _settle(draft: Draft, registration: Registration) -> Registration | None:
    """What becomes of an accepted registration, by what was said of its deals: won or lost while it was protected, or else expired.

    None: nothing new.
    """
    registration, until = draft.need(Registration, registration.id), registration.protected_until
    if registration.status not in ("accepted", "won", "lost", "expired") or until is None:
        return None
    deals = [draft.need(Deal, id_) for id_ in registration.deals]
    since = registration.at - calendar.CLOCK_DIFFERENCE  # what was over before it was registered came of something else
    in_time = [deal for deal in deals if deal.status != "open" and since <= deal.since[deal.status] < until]
    if any(deal.status == "won" for deal in in_time):
        status = "won"
    elif deals and len(in_time) == len(deals):
        status = "lost"
    else:
        status = "expired" if draft.as_of >= until else "accepted"
    return None if status == registration.status else draft.put(replace(registration, status=status))
