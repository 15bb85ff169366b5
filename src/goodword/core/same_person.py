"""Guest, then account: somebody orders whom nothing binds, and is a friend who is bound under another name.

Their rules say whether the two are joined at once or a person is asked. Nobody is joined with a crowd, or with whom they would earn by.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import conduct, kin, late_proof, merges, persons, referrals, semantics
from goodword.core.decision import Step, Verdict
from goodword.core.draft import Draft
from goodword.core.facts import Told
from goodword.core.state import Claim, Customer, Program, Referral

KIND = "same_person"


def ordered(draft: Draft, person: str, told: Told) -> tuple[list[Referral], tuple[Step, ...]]:
    """Return the referrals that a person has as whom they were joined with just now, or else what shows the claim that asks."""
    if draft.semantics < semantics.SAME_PERSON:
        return [], ()
    found = _bound(draft, person, told)
    if not found:
        return [], ()
    referral, kind = found[0]
    keep = referral.friend
    if all(each.friend == keep and _joins(draft, each) for each, _ in found):
        step, bound = merges.join(draft, keep, person, None)
        steps = (Step("joined", {"person": keep, "key": kind}), step)
        draft.say(Verdict(about="event", outcome="merged", subject=keep, steps=steps))
        late_proof.colleagues(draft, draft.need(Customer, keep))
        return bound, ()
    claim = _claim(draft, person, referral)
    return [], (Step("equal", {"person": keep, "key": kind}), Step("claim", {"claim": claim.id}))


def _bound(draft: Draft, person: str, told: Told) -> list[tuple[Referral, str]]:
    """The referrals that bind a person under other names, the earliest lead first, and the kind of key that shows it."""
    known = told.equals(person)
    if not known:
        return []
    found = []
    for other, kind in persons.names(draft.get, person, known).items():
        customer = draft.get(Customer, other)
        for id_ in customer.referrals if customer is not None else ():
            referral = draft.need(Referral, id_)
            earning = persons.earning(draft, referral.shares)
            themselves = person in earning or persons.own(draft, told, person, referral.shares) is not None
            if referral.status != "void" and not themselves:
                found.append((referral, kind))
    return sorted(found, key=lambda each: (each[0].lead_at, each[0].id))


def _joins(draft: Draft, referral: Referral) -> bool:
    return draft.rules_of(referral.rules).attribution.same_person == "join"


def _claim(draft: Draft, person: str, referral: Referral) -> Claim:
    """The claim that asks whether a person is the friend of a referral: once, whatever was said."""
    for known in draft.of(Claim, "friend", person):
        if known.kind == KIND and known.evidence == (referral.id,):
            return known
    lead_at = max(referral.lead_at, draft.need(Program, referral.program).versions[0][0])
    claim = referrals.open_claim(draft, referral.program, person, referral.shares, KIND, lead_at)
    return draft.put(replace(claim, evidence=(referral.id,)))


def who(get: kin.Get, claim: Claim, referral: Referral) -> tuple[str, str]:
    """Return the friend of whom a claim says that they are one with its own, and that one, as whom they are now."""
    return kin.root(get, referral.friend), kin.root(get, claim.friend)


def won(draft: Draft, claim: Claim, by: str, steps: list[Step]) -> list[Referral]:
    """Join the two; returns the referrals whose orders are decided again. Who decided it had a part in what these earn from now on.

    There is no way back from a merge: an appeal takes back what was earned by it (``claims``), and under the behaviours of before there
    was none.
    """
    keep, gone = who(draft.get, claim, draft.need(Referral, claim.evidence[0]))
    if draft.semantics < semantics.SAME_PERSON_IS_APPEALED:
        draft.put(replace(draft.need(Claim, claim.id), appeal_until=None))
    if keep == gone:
        return []
    step, bound = merges.join(draft, keep, gone, by)
    steps.append(step)
    acts = [conduct.noted(each.acts, draft.semantics, "claim.decided", by) for each in bound]
    return [draft.put(replace(each, acts=its)) for each, its in zip(bound, acts, strict=True)]
