"""Advocates: enrolment with a code, and their standing."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from goodword.core import codes, conversions, hands, late_proof, leads, lifecycles, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import AdvocateEnrolled, AdvocateLeft, AdvocateResumed, AdvocateSuspended, SuspensionLifted
from goodword.core.facts import Told
from goodword.core.stages import eligibility, matching
from goodword.core.state import (
    Advocate,
    Case,
    Code,
    Conversion,
    Customer,
    Flag,
    Lead,
    Program,
    Referral,
    Reward,
)

#: The source of what people say of themselves at the portal.
BY_THEMSELVES: Final = "portal"


def enrolled(draft: Draft, event: AdvocateEnrolled, told: Told) -> list[Referral]:
    """A person joins a program, or brings a further code or the acceptance of terms. Returns what waiting leads now bind."""
    late_proof.look(draft, told, event.person)
    program, refusal = program_of(draft, event.program, event.occurred_at)
    if program is None:
        draft.say(refused("event", refusal))
        return []
    code = draft.get(Code, event.code) if event.code is not None else None
    wrong = _refusal(draft, event, program, code)
    if wrong is not None:
        draft.say(wrong)
        return []
    if event.disposable:
        draft.put(replace(draft.get(Customer, event.person) or Customer(person=event.person), disposable=True))
    before = draft.get(Advocate, (program.id, event.person))
    if (
        before is not None
        and (event.code is None or event.code in before.codes)
        and event.accepted_terms <= before.terms
        and event.terms is None  # who accepts others than before is heard again
    ):
        draft.say(refused("event", "already_enrolled", program=program.id, subject=before.id))
        return []
    id_ = event.code or draft.id("cod", "code", program=program.id)
    advocate = before or Advocate(
        program=program.id,
        person=event.person,
        id=draft.id("adv", "advocate", program=program.id),
        status="active",
        enrolled_at=event.occurred_at,
        terms=False,
        codes=(),
    )
    theirs = advocate.codes
    if id_ not in theirs and (event.code is not None or not theirs):
        theirs = (*theirs, id_)
    accepts = event.accepted_terms or event.terms is not None
    accepted = advocate.accepted
    if accepts and draft.semantics >= semantics.TERMS_OF_A_VERSION:
        accepted = program.version_at(event.occurred_at)
    draft.put(replace(advocate, codes=theirs, terms=advocate.terms or accepts, accepted=accepted))
    late = draft.semantics >= semantics.LATE_IS_NOT_LOST
    owned = late and code is not None and code.person is not None
    waiting = code.leads if code is not None and not owned else ()
    if id_ in theirs and not owned:
        codes.owned_by(draft, advocate, id_, event.look)
    outcome = "enrolled"
    if (
        event.terms is not None
        and theirs == (before and before.codes)
        and draft.semantics >= semantics.TERMS_OF_A_VERSION
    ):
        outcome, id_ = "terms_accepted", theirs[-1]
    steps = (Step("code", {"code": id_, **_accepted(program, event)}),)
    draft.say(Verdict(about="event", outcome=outcome, program=program.id, subject=advocate.id, steps=steps))
    if late:
        return leads.again(draft, [draft.need(Lead, lead) for lead in waiting], told)
    bound: list[Referral] = []
    for lead in waiting:
        bound += leads.attribute(draft, draft.need(Lead, lead), told, redecides=lead)
    return bound


def _refusal(draft: Draft, event: AdvocateEnrolled, program: Program, code: Code | None) -> Verdict | None:
    """Return the refusal of an enrolment whose code is somebody else's, or of who may not enrol themselves."""
    if code is not None and code.person is not None and (code.program, code.person) != (program.id, event.person):
        own = code.person == event.person and draft.semantics >= semantics.CODE_SERVES_ONE
        refusal = "code_serves_another_program" if own else "code_taken"
        return refused("event", refusal, Step("code", {"code": code.id}), program=program.id)
    if event.like is not None and codes.lives(draft, event.like, event.person):
        return refused("event", "code_taken", Step("looks_like", {"code": event.like}), program=program.id)
    alike = codes.of_somebody_else(draft, event.look or event.code, event.person)
    if alike is not None:
        return refused("event", "code_taken", Step("looks_like", {"code": alike}), program=program.id)
    outside = _may_not_join(draft, event, program)
    return refused("event", outside, program=program.id) if outside is not None else None


def _accepted(program: Program, event: AdvocateEnrolled) -> dict[str, str | None]:
    """Which terms were accepted, where that was told, and the version of the rules that held then."""
    return {} if event.terms is None else {"terms": event.terms, "rules": program.version_at(event.occurred_at)}


def _may_not_join(draft: Draft, event: AdvocateEnrolled, program: Program) -> str | None:
    """Return why somebody who enrols themselves may not; None where they may, where others do it, and of who is enrolled."""
    if event.source != BY_THEMSELVES or draft.get(Advocate, (program.id, event.person)) is not None:
        return None
    status = eligibility.status(draft, program, event.occurred_at)
    if status != "active":
        return eligibility.closed(status)
    sharing = draft.rules_of(program.versions[-1][1]).sharing
    if sharing.join == "closed":
        return "join_closed"
    customer = draft.get(Customer, event.person)
    known = customer is not None and not matching.is_new(customer, event.occurred_at)
    return None if sharing.joiners == "anybody" or known else "not_a_customer"


def program_of(draft: Draft, named: str | None, at: int) -> tuple[Program | None, str]:
    """Return the program that is named, or the only one that was active at an instant, or is a draft; else None and the refusal."""
    if named is not None:
        return draft.get(Program, named), "unknown_program"
    active = [program for program in draft.programs() if eligibility.status(draft, program, at) == "active"]
    active = active or [program for program in draft.programs() if program.status == "draft"]
    return (active[0], "") if len(active) == 1 else (None, "program_required")


def moved(draft: Draft, event: AdvocateSuspended | AdvocateResumed | AdvocateLeft) -> None:
    """Suspended: touches do not attribute, open rewards get a case. Left: touches do not attribute, open rewards are paid."""
    to = {AdvocateSuspended: "suspended", AdvocateResumed: "active", AdvocateLeft: "left"}[type(event)]
    places = [
        draft.get(Advocate, (program.id, event.person))
        for program in draft.programs()
        if event.program in (None, program.id)
    ]
    advocates = [advocate for advocate in places if advocate is not None]
    if not advocates:
        draft.say(refused("event", "person_unknown"))
    for advocate in advocates:
        if not lifecycles.may_move("advocate", advocate.status, to):
            step = Step("status", {"status": advocate.status})
            draft.say(refused("event", "wrong_state", step, program=advocate.program, subject=advocate.id))
            continue
        case = _case(draft, advocate) if to == "suspended" else None
        noted = case if draft.semantics >= semantics.PUT_RIGHT else None
        draft.put(replace(advocate, status=to, case=noted, lifted_by=None))
        steps = (Step("case", {"case": case}),) if case is not None else ()
        draft.say(Verdict(about="event", outcome=to, program=advocate.program, subject=advocate.id, steps=steps))


def _case(draft: Draft, advocate: Advocate) -> str | None:
    rewards = [
        reward
        for reward in draft.of(Reward, "unsettled_with", advocate.person)
        if reward.program == advocate.program and reward.side == "advocate" and settlement.can_be_stopped(draft, reward)
    ]
    if not rewards:
        return None
    for reward in rewards:
        if reward.status == "approved":
            settlement.back_to_review(draft, reward)
    now = [draft.need(Reward, reward.id) for reward in rewards]
    flags = [Flag("suspended", {"advocate": advocate.id})]
    return settlement.open_case(draft, "suspended", advocate.id, advocate.program, flags, now).id


def lifted(draft: Draft, event: SuspensionLifted, told: Told) -> list[Referral]:
    """Say that a suspension was wrong: two members. What it cost is decided again; returns what leads now bind.

    (``advocate.resumed`` ends a suspension from now on, and what was refused in it stays refused.)
    """
    actor = told.need_actor()
    advocate = draft.get(Advocate, (event.program, event.person)) if event.program is not None else None
    if advocate is None:
        draft.say(refused("command", "not_found", subject=event.person))
        return []
    program, id_ = advocate.program, advocate.id
    step = Step("status", {"status": advocate.status, "reason": event.reason})
    if advocate.status != "suspended":
        draft.say(refused("command", "wrong_state", step, program=program, subject=id_))
        return []
    if advocate.lifted_by is not None and hands.same(draft, advocate.lifted_by, actor.id):
        draft.say(refused("command", "same_member", Step("first", {"member": actor.id}), program=program, subject=id_))
        return []
    steps = (step, *_forgotten(draft, advocate))
    if advocate.lifted_by is None:
        draft.put(replace(advocate, lifted_by=actor.id))
        draft.say(Verdict(about="command", outcome="second_person_needed", program=program, subject=id_, steps=steps))
        return []
    draft.put(replace(advocate, status="active", case=None, missed=(), forgotten=0, lifted_by=None))
    draft.say(Verdict(about="command", outcome="lifted", program=program, subject=id_, steps=steps))
    case = draft.need(Case, advocate.case) if advocate.case is not None else None
    if case is not None and case.status == "open":
        settlement.close_case(draft, case, "cleared", actor.id)
    _decide_missed(draft, advocate, told)
    waiting = []
    for code in [draft.need(Code, each) for each in advocate.codes]:
        waiting += [draft.need(Lead, each) for each in code.leads]
        draft.put(replace(code, leads=()))
    return leads.again(draft, waiting, told)


def _forgotten(draft: Draft, advocate: Advocate) -> tuple[Step, ...]:
    """How many refusals of the suspension are not decided again, because only the newest are remembered."""
    if not advocate.forgotten or draft.semantics < semantics.FORGOTTEN_IS_SAID:
        return ()
    return (Step("forgotten", {"orders": advocate.forgotten, "newest": len(advocate.missed)}),)


def _decide_missed(draft: Draft, advocate: Advocate, told: Told) -> None:
    """What a suspension refused is decided again, in order of time, where the friend is still the referral's."""
    missed = [(referral, draft.need(Conversion, conversion)) for referral, conversion in advocate.missed]
    for id_, conversion in sorted(missed, key=lambda each: (each[1].at, each[1].evt or "")):
        referral = draft.need(Referral, id_)
        if referral.status != "void":
            now = draft.need(Conversion, conversion.id)
            conversions.reward(draft, referral, now, told, redecides=conversion.evt)
