"""Claims: somebody says that an advocate brought a friend, and a person decides. A claim that is won makes or moves the referral."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from goodword.core import access, conduct, lifecycles, persons, referrals, semantics, settlement
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import ClaimDecided, ClaimEntered
from goodword.core.facts import Told
from goodword.core.state import (
    BEFORE_PAYMENT,
    Act,
    Advocate,
    Claim,
    Conversion,
    Customer,
    Lead,
    Program,
    Referral,
    Reward,
    Share,
)


def entered(draft: Draft, event: ClaimEntered, told: Told) -> None:
    """Open a claim; shares are exact and sum to one."""
    program = draft.get(Program, event.program) if event.program is not None else None
    shares = tuple(Share(*share) for share in event.advocates)
    if program is None:
        draft.say(refused("command", "unknown_program"))
        return
    missing = [share.person for share in shares if draft.get(Advocate, (program.id, share.person)) is None]
    sums_to_one = all(share.denominator > 0 and share.numerator > 0 for share in shares) and (
        sum(Fraction(share.numerator, share.denominator) for share in shares) == 1
    )
    if missing or not sums_to_one or len({share.person for share in shares}) != len(shares):
        draft.say(refused("command", "not_found" if missing else "nothing_to_do", program=program.id))
        return
    if any(share.person == event.person for share in shares):
        draft.say(refused("command", "self_referral", program=program.id))
        return
    by = told.actor.id if told.actor is not None else None
    claim = referrals.open_claim(draft, program.id, event.person, shares, "entered", event.lead_at, by)
    others = [
        other for other in draft.of(Claim, "friend", event.person) if other.status == "open" and other.id != claim.id
    ]
    contested = [other.id for other in others if told.actor is None or access.covers(told.actor, other.program)]
    shown = Step("claim", {"claim": claim.id, "reason": event.reason, "contested_by": contested})
    steps = (shown, *_themselves(draft, told, claim))
    draft.say(Verdict(about="command", outcome="claim_opened", program=program.id, subject=claim.id, steps=steps))


def decided(draft: Draft, event: ClaimDecided, told: Told) -> Referral | None:
    """won: the referral is made or moved; what else claims its place is lost. Returns the new referral."""
    claim = draft.get(Claim, event.claim)
    if claim is None:
        draft.say(refused("command", "not_found", subject=event.claim))
        return None
    if not lifecycles.may_move("claim", claim.status, event.outcome):
        draft.say(refused("command", "wrong_state", Step("status", {"status": claim.status}), subject=claim.id))
        return None
    by = told.actor.id if told.actor is not None else ""
    own = _own(draft, claim, event.outcome, told)
    if own is not None:
        draft.say(refused("command", *own, program=claim.program, subject=claim.id))
        return None
    version = draft.need(Program, claim.program).version_at(claim.lead_at)
    if event.outcome == "won" and version is None:
        draft.say(refused("command", "program_not_active", program=claim.program, subject=claim.id))
        return None
    themselves = _themselves(draft, told, claim) if event.outcome == "won" else ()
    if themselves:
        draft.say(refused("command", "self_referral", *themselves, program=claim.program, subject=claim.id))
        return None
    draft.put(replace(claim, status=event.outcome, decided_by=by, decided_evt=draft.evt))
    steps = [Step("claim", {"claim": claim.id, "kind": claim.kind, "outcome": event.outcome, "reason": event.reason})]
    referral = None
    if event.outcome == "won" and version is not None:
        for other in draft.of(Claim, "friend", claim.friend):
            if other.status == "open" and other.program == claim.program:
                draft.put(replace(other, status="lost", decided_by=by, decided_evt=draft.evt))
        referral = _move(draft, claim, version, by, steps)
    draft.say(
        Verdict(about="command", outcome=event.outcome, program=claim.program, subject=claim.id, steps=tuple(steps))
    )
    return referral


def _themselves(draft: Draft, told: Told, claim: Claim) -> tuple[Step, ...]:
    """Return what shows that somebody who claims the friend is the friend: whoever decides is shown it, and nobody wins by it."""
    if draft.semantics < semantics.PERSONS:
        return ()
    own = persons.own(draft, told, claim.friend, claim.shares)
    return () if own is None else (own,)


def _own(draft: Draft, claim: Claim, outcome: str, told: Told) -> tuple[str, Step] | None:
    """Who entered a claim does not decide it; to withdraw it is theirs."""
    if claim.entered_by is None or outcome == "withdrawn" or draft.semantics < semantics.FOUR_EYES:
        return None
    acts, step = (Act(claim.entered_by, "claim.entered"),), Step("item", {"item": claim.id})
    return conduct.own_work(draft, told.need_actor(), "decide", acts, (claim.program,), step)


def leaving(draft: Draft, claim: Claim) -> list[Referral]:
    """Return the referrals that end if the claim is won: not those of other programs where its program shares its customers."""
    version = draft.need(Program, claim.program).version_at(claim.lead_at)
    customer = draft.get(Customer, claim.friend)
    if customer is None or version is None:
        return []
    shared = draft.rules_of(version).shares_customers
    bound = [draft.need(Referral, id_) for id_ in customer.referrals]
    return [
        referral
        for referral in bound
        if referral.status != "void" and not (shared and referral.program != claim.program)
    ]


def _move(draft: Draft, claim: Claim, version: str, by: str, steps: list[Step]) -> Referral:
    """What binds the friend ends, what it earned and was not sent is reversed; a new referral begins."""
    customer = draft.get(Customer, claim.friend) or Customer(person=claim.friend)
    ending = leaving(draft, claim)
    for referral in ending:
        draft.put(replace(referral, status="void"))
        steps.append(Step("moved_from", {"referral": referral.id, "reversed": _reverse(draft, referral)}))
    ended = {referral.id for referral in ending}
    draft.put(replace(customer, referrals=tuple(id_ for id_ in customer.referrals if id_ not in ended)))
    lead = Lead(id=draft.evt, person=claim.friend, at=claim.lead_at, program=claim.program)
    referral = referrals.bind(draft, claim.program, lead, claim.shares, version)
    acts: tuple[Act, ...] = ()
    if claim.entered_by is not None:
        acts = conduct.noted(acts, draft.semantics, "claim.entered", claim.entered_by)
    return draft.put(replace(referral, acts=conduct.noted(acts, draft.semantics, "claim.decided", by)))


def _reverse(draft: Draft, referral: Referral) -> int:
    """Reverse the referral's rewards that were not sent; says how many."""
    count = 0
    for conversion in draft.of(Conversion, "person", referral.friend):
        left = []
        for id_ in conversion.rewards:
            reward = draft.need(Reward, id_)
            if reward.referral != referral.id or reward.sent or reward.status in ("processing", "paid"):
                left.append(id_)
            elif reward.amount and reward.status in BEFORE_PAYMENT:
                settlement.lower(draft, reward, 0, status="reversed")
                count += 1
        draft.put(replace(draft.need(Conversion, conversion.id), rewards=tuple(left)))
    return count
