"""How sure it is who brought a friend: exact, probable or possible, with the grounds (docs/decisions/0059).

What shows it gives a level, what speaks against it lowers that to possible, and nothing raises it again. It is said when a referral is
bound, once, from what decided it. It moves no money by itself: who decides sees it, and a recommendation reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from goodword.core import calendar, semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.stages.attribution import Candidate
from goodword.core.state import Claim, Ground, Lead, Referral

#: From the surest.
LEVELS: Final = ("exact", "probable", "possible")
#: A lead sooner after its click than this was hardly made by a person who read a page in between.
SOON: Final = 10_000_000
#: Touches of two advocates that lie so close together say little about which of them it was.
NEAR: Final = calendar.DAY // 24

#: What shows who brought a friend -> how sure that is. ``page_confirmed`` and those below speak against it.
GROUNDS: Final = {
    "code_typed": "exact",
    "click_named": "exact",
    "deal_registered": "exact",
    "company_protected": "probable",
    "link_named": "probable",
    "touch_in_window": "probable",
    "claim_won": "possible",
    "imported": "possible",
    "page_confirmed": "possible",
    "other_visitor": "possible",
    "told_late": "possible",
    "lead_seconds_after": "possible",
    "rival_near": "possible",
    "other_click_named": "possible",
    "said_before": "possible",
}


class Confidence(NamedTuple):
    """``level``: one of ``LEVELS``; ``grounds``: what shows it first, then all that lowers it."""

    level: str
    grounds: tuple[Ground, ...]


def of_grounds(grounds: Iterable[Ground]) -> Confidence:
    """The least sure of what some grounds give."""
    given = tuple(grounds)
    return Confidence(max((GROUNDS[ground.code] for ground in given), key=LEVELS.index), given)


def of_lead(
    lead: Lead, winner: Candidate, eligible: Sequence[Candidate], model: str, *, again: bool = False
) -> Confidence:
    """How sure an attribution is. ``eligible``: all that could have won; ``again``: the lead had been decided before, and waited."""
    grounds = [_shown(lead, winner, model)]
    if lead.confirmed:
        grounds.append(Ground("page_confirmed"))
    if winner.typed or winner.registered is not None:  # whoever clicked what and when is another matter
        return of_grounds(grounds)
    is_click = winner.touch != lead.id
    if is_click and not winner.named:
        if winner.visitor is None or winner.visitor != lead.visitor:
            grounds.append(Ground("other_visitor", {"touch": winner.touch}))
        elif again and not lead.confirmed:
            grounds.append(Ground("told_late", {"touch": winner.touch}))
    if is_click and lead.at - winner.at < SOON:
        grounds.append(Ground("lead_seconds_after", {"touch_at": winner.at, "lead_at": lead.at}))
    return of_grounds(grounds + _rivals(winner, eligible))


def _shown(lead: Lead, winner: Candidate, model: str) -> Ground:
    """What shows who brought the friend."""
    if winner.typed:
        return Ground("code_typed", {"at": winner.at})
    if winner.registered is not None:
        how = "deal_registered" if winner.registered == "contact" else "company_protected"
        return Ground(how, {"registration": winner.touch, "at": winner.at})
    if winner.touch == lead.id:
        return Ground("link_named", {"at": winner.at})
    if winner.named:
        return Ground("click_named", {"touch": winner.touch, "at": winner.at})
    return Ground(
        "touch_in_window", {"touch": winner.touch, "at": winner.at, "window": winner.window or "", "model": model}
    )


def _rivals(winner: Candidate, eligible: Iterable[Candidate]) -> list[Ground]:
    """What other advocates' touches say against the winner: the nearest that is near, and the click that the lead named itself."""
    others = [other for other in eligible if other.person != winner.person and not other.typed]
    found = []
    near = min(others, key=lambda other: abs(other.at - winner.at), default=None)
    if near is not None and abs(near.at - winner.at) < NEAR:
        found.append(Ground("rival_near", {"touch": near.touch, "at": near.at, "winner_at": winner.at}))
    named = next((other for other in others if other.named), None)
    if named is not None:
        found.append(Ground("other_click_named", {"touch": named.touch}))
    return found


def of_claim(claim: Claim) -> Confidence:
    """A person decided it, by what speaks for the claim."""
    return of_grounds([Ground("claim_won", {"claim": claim.id, "kind": claim.kind, "evidence": len(claim.evidence)})])


def of_import(lead_at: int) -> Confidence:
    """Another system said it, and nothing here shows it."""
    return of_grounds([Ground("imported", {"lead_at": lead_at})])


def of(referral: Referral) -> Confidence:
    """How sure a referral is. Of one that was bound before it was said, what is kept of it says less: at most that much."""
    if referral.confidence is not None:
        return Confidence(referral.confidence, referral.grounds)
    return of_grounds([Ground("said_before", {"typed": referral.typed, "touched": referral.touch is not None})])


def told(draft: Draft, sure: Confidence) -> tuple[Step, ...]:
    """The step of a verdict that says how sure it is."""
    if draft.semantics < semantics.CONFIDENCE_IS_SAID:
        return ()
    grounds = [[ground.code, ground.values] for ground in sure.grounds]
    return (Step("confidence", {"level": sure.level, "grounds": grounds}),)
