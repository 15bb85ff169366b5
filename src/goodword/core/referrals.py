"""Referrals: who is bound to whom, and the claims that open by themselves because something would have it otherwise.

A customer is bound once. Nothing moves by itself: what comes too late becomes a claim, which a person decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from goodword.core import calendar, companies, kin, persons, pilots, semantics, settlement
from goodword.core.confidence import Confidence
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.facts import Told, Touch
from goodword.core.rules import Rules
from goodword.core.stages import eligibility, matching
from goodword.core.stages.attribution import Candidate
from goodword.core.state import (
    Act,
    Advocate,
    Claim,
    Code,
    Customer,
    Flag,
    Lead,
    Program,
    Referral,
    Registration,
    Share,
    Visitor,
)

#: Working days after which a request that nobody took up stops what it touches.
REQUEST_WAITS = 2
#: What makes somebody a customer.
_SINCE = ("first_conversion_at", "known_since")


@lru_cache(maxsize=4096)
def whole(person: str) -> tuple[Share, ...]:
    """The shares of one advocate alone; the same value for all whom they bring."""
    return (Share(person, 1, 1),)


def bind(
    draft: Draft,
    program: str,
    lead: Lead,
    shares: tuple[Share, ...],
    version: str,
    sure: Confidence,
    touch: Candidate | None = None,
) -> Referral:
    """A new referral: the claim that won. It keeps its rule version for life."""
    rules = draft.rules_of(version)
    is_said = draft.semantics >= semantics.CONFIDENCE_IS_SAID
    referral = Referral(
        id=draft.id("ref", lead.id, program=program),
        program=program,
        friend=lead.person,
        shares=shares,
        rules=version,
        status="attributed",
        lead_at=lead.at,
        lead=draft.evt,
        touch_at=touch.at if touch is not None else None,
        touch=touch.touch if touch is not None else None,
        typed=touch.typed if touch is not None else False,
        acts=_typed(lead, touch) or _decided(draft, touch),
        confidence=sure.level if is_said else None,
        grounds=sure.grounds if is_said else (),
        percent_asked=_asked(draft, touch),
    )
    customer = draft.need(Customer, lead.person)
    companies.bound(draft, draft.put(replace(customer, referrals=(*customer.referrals, referral.id))))
    lapses(draft, rules, referral.id, lead.at)
    return draft.put(referral)


def _typed(lead: Lead, touch: Candidate | None) -> tuple[Act, ...]:
    """Who of the company typed the code that is the touch."""
    by = lead.entered_by if touch is not None and touch.typed else None
    return (Act(by, "code.typed"),) if by is not None else ()


def _decided(draft: Draft, touch: Candidate | None) -> tuple[Act, ...]:
    """Who registered and accepted the deal that is the touch."""
    return draft.need(Registration, touch.touch).acts if touch is not None and touch.registered is not None else ()


def _asked(draft: Draft, touch: Candidate | None) -> str | None:
    """The rate that was asked with the registration that is the touch."""
    return draft.need(Registration, touch.touch).percent if touch is not None and touch.registered is not None else None


def _by(draft: Draft, claim: Claim, acts: tuple[Act, ...]) -> Claim:
    """A claim that a registration makes was made by who registered and accepted it: they decide it no more than their own."""
    acts = tuple(dict.fromkeys([*claim.acts, *acts]))
    return claim if acts == claim.acts else draft.put(replace(claim, acts=acts))


def hold(draft: Draft, customer: Customer, *now: str) -> None:
    """These bind a customer from now on; of those that ended it is remembered that they were theirs."""
    parted: tuple[str, ...] = ()
    if draft.semantics >= semantics.MERGES_ARE_FOLLOWED:
        ever = dict.fromkeys((*customer.parted, *customer.referrals))
        parted = tuple(id_ for id_ in ever if id_ not in now)
    draft.put(replace(customer, referrals=now, parted=parted))


def lapses(draft: Draft, rules: Rules, referral: str, lead_at: int) -> None:
    """Where all that its rules reward has a window, a referral lapses after the longest of them."""
    windows = [rule.window for rule in rules.conversions if rule.window is not None]
    if len(windows) == len(rules.conversions):
        settlement.timer(draft, lead_at + max(map(calendar.duration, windows)), "lapse", referral)


def bound(
    draft: Draft, program: Program, customer: Customer, winner: Candidate, lead: Lead, steps: list[Step]
) -> str | None:
    """``already_bound`` with what follows from it, or None if nothing binds the customer here."""
    rules = draft.rules_of(winner.rules or "")
    for id_ in customer.referrals:
        referral = draft.need(Referral, id_)
        here = referral.program == program.id
        if not here and rules.shares_customers:
            continue
        steps.append(Step("bound", {"referral": referral.id, "program": referral.program}))
        same = any(kin.root(draft.get, share.person) == winner.person for share in referral.shares)
        if winner.person is not None and not (here and same):
            kind = "later_lead" if here else "other_program"
            before = {known.id for known in draft.of(Claim, "friend", lead.person)}
            claim = open_claim(draft, program.id, lead.person, whole(winner.person), kind, lead.at)
            claim = _by(draft, claim, _decided(draft, winner))
            steps.append(Step("claim", {"claim": claim.id}))
            if not here and claim.id not in before:
                flag = Flag("duplicate_claim", {"claim": claim.id, "bound": referral.id})
                case = settlement.open_case(draft, "duplicate_claim", claim.id, program.id, [flag], [])
                draft.put(replace(claim, cases=(case.id,)))
                steps.append(Step("case", {"case": case.id}))
        return "already_bound"
    return nobodys(draft, program, rules, winner.person, lead, steps, _decided(draft, winner))


def nobodys(
    draft: Draft,
    program: Program,
    rules: Rules,
    advocate: str | None,
    lead: Lead,
    steps: list[Step],
    acts: tuple[Act, ...] = (),
) -> str | None:
    """``decided_nobodys``, and a claim, where a person decided that nobody brought the customer: no lead undoes that by itself."""
    if draft.semantics < semantics.CLAIMS_ARE_SHARED:
        return None
    for decided in draft.of(Claim, "friend", lead.person):
        if decided.status == "none" and (decided.program == program.id or not rules.shares_customers):
            steps.append(Step("by_decision", {"claim": decided.id}))
            if advocate is not None:
                claim = _by(
                    draft, open_claim(draft, program.id, lead.person, whole(advocate), "later_lead", lead.at), acts
                )
                steps.append(Step("claim", {"claim": claim.id}))
            return "decided_nobodys"
    return None


def sooner(draft: Draft, program: Program, customer: Customer, winner: Candidate, lead: Lead) -> Referral | None:
    """The referral that binds the customer to the same advocate by a later lead: it begins with this one from now on."""
    for id_ in customer.referrals if draft.semantics >= semantics.LATE_OF_BEFORE else ():
        referral = draft.need(Referral, id_)
        same = any(kin.root(draft.get, share.person) == winner.person for share in referral.shares)
        by_lead = referral.touch is not None  # what a person decided or another system said stays so
        if referral.program == program.id and same and by_lead and lead.at < referral.lead_at:
            proofs = tuple(proof for proof in referral.proofs if _speaks_against(proof, lead.at))
            typed = _typed(lead, winner) if draft.semantics >= semantics.WHO_MADE_IT_SOONER else ()
            acts = tuple(dict.fromkeys([*referral.acts, *typed, *_decided(draft, winner)]))
            return draft.put(replace(referral, lead_at=lead.at, proofs=proofs, acts=acts))
    return None


def _speaks_against(proof: Flag, lead_at: int) -> bool:
    """Whether what came late still does where the lead was earlier than it seemed."""
    if proof.code == "colleague":
        return companies.is_before(proof.evidence["since"], lead_at)
    known = Customer(person="", **{name: at for name, at in proof.evidence.items() if name in _SINCE})
    return proof.code != "existing_customer" or not matching.is_new(known, lead_at)


def existing(
    draft: Draft, told: Told, customer: Customer, lead: Lead, winner: Candidate, steps: list[Step]
) -> str | None:
    """``existing_customer`` with what shows it, or None if the rules of the touch that won let the friend in."""
    rules = draft.rules_of(winner.rules or "")
    if not rules.new_customers_only:
        return None
    found = persons.known_before(draft, told, customer, lead.at)
    if found is None:
        firm = companies.known_before(
            draft, customer, lead.at, touched=winner.at, sure=True, deals=winner.registered is None
        )
        if firm is None:
            return None
        seen = {"since": firm.since, "by": firm.sign.by, "lead_at": lead.at, "rules": winner.rules}
        steps.append(Step("company_deal", seen) if firm.deal else Step("company", seen))
        return "existing_customer"
    known, shown = found
    seen = {"first_conversion_at": known.first_conversion_at, "known_since": known.known_since}
    steps += shown
    steps.append(Step("existing", {**seen, "lead_at": lead.at, "rules": winner.rules}))
    return "existing_customer"


class Entered(NamedTuple):
    """Who entered a claim, and what speaks for it; nobody and nothing for one that opens by itself."""

    by: str | None
    evidence: tuple[str, ...] = ()


def open_claim(
    draft: Draft,
    program: str,
    friend: str,
    shares: tuple[Share, ...],
    kind: str,
    lead_at: int,
    entered: Entered | None = None,
) -> Claim:
    """An open claim of that kind for those people: one is enough. A person's is always a new one, or they would learn who is the same.

    It stops what it touches at once; one that somebody enters without evidence is a request, which does so later (``contested``).
    """
    by_person = entered is not None and (entered.by or "").startswith("per_")
    for claim in draft.of(Claim, "friend", friend) if not by_person else ():
        if (claim.status, claim.program, claim.kind, claim.shares) == ("open", program, kind, shares):
            return claim
    stops_at = draft.as_of
    claim = Claim(
        id=draft.id("clm", f"{kind}:{friend}", program=program, share=shares[0].person),
        program=program,
        friend=friend,
        shares=shares,
        kind=kind,
        status="open",
        lead_at=lead_at,
        opened_at=draft.as_of,
        entered_by=entered.by if entered is not None else None,
        evt=draft.evt,
        evidence=entered.evidence if entered is not None else (),
        stops_at=stops_at,
    )
    if draft.semantics >= semantics.CONTESTED_STOPS:
        if entered is not None and not entered.evidence:
            zone = draft.rules_of(draft.need(Program, program).versions[-1][1]).timezone
            stops_at = calendar.working_days(draft.as_of, REQUEST_WAITS, zone)
            claim = replace(claim, stops_at=None)
        if not by_person:  # at a person's bare word nothing stops by itself
            settlement.timer(draft, stops_at, "claim_stops", claim.id)
    return draft.put(claim)


def late(draft: Draft, touch: Touch) -> list[Step]:
    """Open a claim for each referral that a click would have won, had it come before; a step for each."""
    steps = []
    visitor = draft.get(Visitor, touch.visitor or "")
    code = draft.get(Code, touch.code)
    for person in visitor.persons if visitor is not None else ():
        for id_ in draft.need(Customer, person).referrals:
            referral = draft.need(Referral, id_)
            if code is not None and _would_win(draft, referral, code, touch):
                claim = open_claim(
                    draft, referral.program, person, whole(code.person or ""), "late_touch", referral.lead_at
                )
                steps.append(Step("claim", {"claim": claim.id}))
    return steps


def _would_win(draft: Draft, referral: Referral, code: Code, touch: Touch) -> bool:
    """Whether the touch, had it been there, would have been the referral's; only another advocate's matters."""
    rules, program = draft.rules_of(referral.rules), draft.need(Program, referral.program)
    mine = any(kin.root(draft.get, share.person) == code.person for share in referral.shares)
    if (
        code.program != referral.program
        or code.person is None
        or mine
        or referral.typed
        or code.person == referral.friend
    ):
        return False
    if eligibility.standing(draft.get(Advocate, (code.program, code.person)), rules, touch.at) is not None:
        return False
    if draft.semantics >= semantics.MOVES_HOLD_FROM_THEN and program.status_at(touch.at) != "active":
        return False
    if pilots.outside(program, code.person, "link", touch.at):
        return False
    in_window = referral.lead_at - calendar.duration(rules.attribution.window) < touch.at <= referral.lead_at
    won_at = referral.touch_at if referral.touch_at is not None else referral.lead_at
    better = touch.at >= won_at if rules.attribution.touch == "last" else touch.at < won_at
    return in_window and better
