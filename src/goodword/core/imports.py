"""Moving in: what ran in another system goes on here, without rewards for the past and with the right rest of its times.

Advocates and known customers come by the events that they always come by. A referral is brought along with the instants from which
its window and its months count; an order that was settled there takes its place and earns nothing; what the other system owed, or
was owed, begins here as an opening balance, which a person approves like any reward.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import advocates, calendar, confidence, ledger, referrals, routes, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import BalanceOpened, ReferralImported
from goodword.core.kinds.rewards import REGISTRY
from goodword.core.stages import eligibility
from goodword.core.state import ELSEWHERE, Advocate, Conversion, Customer, Lead, Place, Program, Referral, Reward


def key_of(event: BalanceOpened) -> str:
    """An opening balance is known by its reference, where a conversion is by its invoice."""
    return f"opn:{event.reference}"


def referral(draft: Draft, event: ReferralImported) -> Referral | None:
    """Bind the friend as they were bound; returns the new referral.

    One that is bound already, or of whom a person decided that nobody brought them, gets a claim, and nothing moves.
    """
    program, refusal = advocates.program_of(draft, event.program, draft.as_of)
    if program is None:
        draft.say(refused("event", refusal))
        return None
    problem = _against(draft, program, event)
    if problem is not None:
        draft.say(refused("event", problem[0], problem[1], program=program.id))
        return None
    customer = draft.get(Customer, event.person) or Customer(person=event.person)
    lead = Lead(id=event.evt, person=event.person, at=event.lead_at, program=program.id)
    shares = referrals.whole(event.advocate)
    version = program.version_at(event.lead_at) or program.versions[0][1]
    since = max(event.lead_at, program.versions[0][0])  # from when there are rules to win a claim by
    steps = [Step("imported", {"lead_at": event.lead_at, "advocate": event.advocate, "rules": version})]
    for id_ in customer.referrals:
        bound = draft.need(Referral, id_)
        if bound.program != program.id and draft.rules_of(version).shares_customers:
            continue
        steps.append(Step("bound", {"referral": bound.id, "program": bound.program}))
        if bound.program != program.id or bound.shares != shares:
            kind = "later_lead" if bound.program == program.id else "other_program"
            claim = referrals.open_claim(draft, program.id, event.person, shares, kind, since)
            steps.append(Step("claim", {"claim": claim.id}))
        draft.say(refused("attribution", "already_bound", *steps, program=program.id, subject=lead.id))
        return None
    again = referrals.nobodys(draft, program, draft.rules_of(version), event.advocate, replace(lead, at=since), steps)
    if again is not None:
        draft.say(refused("attribution", again, *steps, program=program.id, subject=lead.id))
        return None
    times = [at for at in (customer.first_conversion_at, *event.first.values()) if at is not None]
    draft.put(replace(customer, first_conversion_at=min(times, default=None)))
    sure = confidence.of_import(event.lead_at)
    made = referrals.bind(draft, program.id, lead, shares, version, sure)
    places = tuple(Place(on, at, ELSEWHERE) for on, at in sorted(event.first.items()))
    made = draft.put(replace(made, qualified=places, status="converted" if places else made.status))
    steps += [Step("imported_place", {"name": place.on, "at": place.at}) for place in places]
    steps += confidence.told(draft, sure)
    draft.say(
        Verdict(
            about="attribution",
            outcome="imported",
            program=program.id,
            subject=made.id,
            beneficiary=event.advocate,
            steps=tuple(steps),
        )
    )
    return made


def _against(draft: Draft, program: Program, event: ReferralImported) -> tuple[str, Step] | None:
    """Return the first reason against a referral of another system."""
    late = [at for at in (event.lead_at, *event.first.values()) if at > event.accepted_at + calendar.CLOCK_DIFFERENCE]
    if late:
        return "in_future", Step("times", {"at": late[0], "accepted_at": event.accepted_at})
    if not program.versions or program.status in ("draft", "ended"):
        return eligibility.closed("" if program.began else "draft"), Step("status", {"status": program.status})
    if event.advocate == event.person:
        return "self_referral", Step("item", {"item": event.person})
    if draft.get(Advocate, (program.id, event.advocate)) is None:
        return "advocate_not_enrolled", Step("item", {"item": event.advocate})
    rules = draft.rules_of(program.versions[-1][1])
    for name in sorted(event.first):
        if rules.conversion(name) is None:
            return "conversion_not_offered", Step("conversion_name", {"name": name})
    return None


def balance(draft: Draft, event: BalanceOpened) -> None:
    """What is owed to an advocate becomes a reward in review; what they owe, a debt that is asked back or netted."""
    program, refusal = advocates.program_of(draft, event.program, draft.as_of)
    if program is None:
        draft.say(refused("event", refusal))
        return
    key = key_of(event)
    before = draft.get(Conversion, key)
    if before is not None:
        draft.say(refused("event", "duplicate_conversion", Step("first", {"evt": before.evt}), subject=key))
        return
    if draft.get(Advocate, (program.id, event.person)) is None:
        step = Step("item", {"item": event.person})
        draft.say(refused("event", "advocate_not_enrolled", step, program=program.id))
        return
    kind = REGISTRY[event.reward_kind]
    if kind.taken_off:  # no order had it
        draft.say(refused("event", "wrong_state", Step("status", {"kind": kind.name}), program=program.id))
        return
    if not program.versions or not event.amount:
        draft.say(refused("event", "nothing_to_do" if program.versions else "program_not_active", program=program.id))
        return
    if not program.began:
        draft.say(refused("event", "program_not_live", Step("status", {"status": program.status}), program=program.id))
        return
    version, unit = program.versions[-1][1], kind.unit(program.id, event.currency or "")
    owed = max(0, event.amount)
    reward = Reward(
        id=draft.id("rwd", key, program=program.id, side="advocate"),
        program=program.id,
        referral="",
        conversion=key,
        friend="",
        side="advocate",
        beneficiary=event.person,
        share=0,
        kind=event.reward_kind,
        unit=unit,
        gross=abs(event.amount),
        amount=owed,
        status="in_review" if owed else "reversed",
        rules=version,
        on=ledger.OPENING,
        rule=0,
        tier=-1,
        evt=draft.evt,
        earned_at=event.occurred_at,
        hold_until=draft.as_of,
        sent=0 if owed else -event.amount,
    )
    if owed and draft.semantics >= semantics.REVIEW_HAS_A_DATE:
        reward = settlement.promised(draft, draft.rules_of(version), routes.routed(draft, reward), draft.as_of)
    draft.put(reward)
    draft.postings += ledger.opened(reward)
    draft.put(
        Conversion(
            id=key,
            status="paid",
            evt=event.evt,
            at=event.occurred_at,  # and of no person: nobody bought anything
            name=ledger.OPENING,
            settled=True,
            rewards=(reward.id,),
        )
    )
    steps = (
        Step("opened", {"reference": event.reference, "amount": event.amount, "unit": unit}),
        *routes.step(reward),
    )
    draft.say(
        Verdict(
            about="reward",
            outcome="opened",
            program=program.id,
            subject=reward.id,
            side="advocate",
            beneficiary=event.person,
            amount=event.amount,
            unit=unit,
            steps=steps,
        )
    )
