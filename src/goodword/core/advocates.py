"""Advocates: enrolment with a code, and their standing."""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import leads, lifecycles, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import AdvocateEnrolled, AdvocateLeft, AdvocateResumed, AdvocateSuspended
from goodword.core.facts import Told
from goodword.core.stages import eligibility
from goodword.core.state import BEFORE_PAYMENT, Advocate, Code, Flag, Lead, Program, Referral, Reward


def enrolled(draft: Draft, event: AdvocateEnrolled, told: Told) -> list[Referral]:
    """A person joins a program, or brings a further code or the acceptance of terms. Returns what waiting leads now bind."""
    program, refusal = program_of(draft, event.program, event.occurred_at)
    if program is None:
        draft.say(refused("event", refusal))
        return []
    code = draft.get(Code, event.code) if event.code is not None else None
    if code is not None and code.person is not None and (code.program, code.person) != (program.id, event.person):
        draft.say(refused("event", "code_taken", Step("code", {"code": code.id}), program=program.id))
        return []
    before = draft.get(Advocate, (program.id, event.person))
    if (
        before is not None
        and (event.code is None or event.code in before.codes)
        and event.accepted_terms <= before.terms
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
    codes = advocate.codes
    if id_ not in codes and (event.code is not None or not codes):
        codes = (*codes, id_)
    draft.put(replace(advocate, codes=codes, terms=advocate.terms or event.accepted_terms))
    waiting = code.leads if code is not None else ()
    if id_ in codes:
        draft.put(Code(id=id_, program=program.id, person=event.person))
    steps = (Step("code", {"code": id_}),)
    draft.say(Verdict(about="event", outcome="enrolled", program=program.id, subject=advocate.id, steps=steps))
    bound: list[Referral] = []
    for lead in waiting:
        bound += leads.attribute(draft, draft.need(Lead, lead), told, redecides=lead)
    return bound


def program_of(draft: Draft, named: str | None, at: int) -> tuple[Program | None, str]:
    """Return the program that is named, or the only one that was active at an instant; else None and the refusal."""
    if named is not None:
        return draft.get(Program, named), "unknown_program"
    active = [program for program in draft.programs() if eligibility.status(draft, program, at) == "active"]
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
        draft.put(replace(advocate, status=to))
        case = _case(draft, advocate) if to == "suspended" else None
        steps = (Step("case", {"case": case}),) if case is not None else ()
        draft.say(Verdict(about="event", outcome=to, program=advocate.program, subject=advocate.id, steps=steps))


def _case(draft: Draft, advocate: Advocate) -> str | None:
    rewards = [
        reward
        for reward in draft.of(Reward, "unsettled_with", advocate.person)
        if reward.program == advocate.program and reward.side == "advocate" and reward.status in BEFORE_PAYMENT
    ]
    if not rewards:
        return None
    for reward in rewards:
        if reward.status == "approved":
            settlement.back_to_review(draft, reward)
    now = [draft.need(Reward, reward.id) for reward in rewards]
    flags = [Flag("suspended", {"advocate": advocate.id})]
    return settlement.open_case(draft, "suspended", advocate.id, advocate.program, flags, now).id
