"""Matches: a person says whether somebody of a CRM came by a referral that their company or pipeline has it seem.

A yes is a claim in the name of who recommended: an equal company shows colleagues and not one person, so nobody is merged, and whether
the claim is right is decided by somebody else, as of any claim.
"""

from __future__ import annotations

from typing import Any

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import matches
from goodword.core.entry import Entry
from goodword.core.events import ClaimEntered, MatchDeclined


@requires("claim.enter")
async def confirm(
    who: Principal, directory: Directory, referral: str, key: str, *, deal: str | None = None, person: str | None = None
) -> Entry:
    """Enter a claim that who brought a referral's friend brought the contact of a deal too, or a person.

    Its evidence: what bound the friend, and what the CRM said last of the deal. Raises InvalidError for what is no match any more.
    """
    it = await matches.one(who, directory, referral, deal=deal, person=person)
    match = it.match
    said: dict[str, Any] = {
        "program": match.program,
        "person": it.person,
        "advocates": tuple((share.person, share.numerator, share.denominator) for share in match.shares),
        "lead_at": match.lead_at,
        "reason": f"match_{match.by}",
        "evidence": (match.lead, *([it.deal.evt] if it.deal is not None else [])),
    }
    return await say(who, directory, lambda s: ClaimEntered(**s, **said), key)


@requires("claim.enter")
async def decline(
    who: Principal, directory: Directory, referral: str, key: str, *, deal: str | None = None, person: str | None = None
) -> Entry:
    """Say that the contact of a deal, or a person, did not come by a referral: it is not asked again. Raises InvalidError likewise."""
    it = await matches.one(who, directory, referral, deal=deal, person=person)
    said: dict[str, Any] = {"program": it.match.program, "person": it.person, "referral": referral}
    return await say(who, directory, lambda s: MatchDeclined(**s, **said), key)
