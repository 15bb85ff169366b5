"""Somebody claimed the friend when the order was there already: who claims then may only have heard of it."""

from __future__ import annotations

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Claim, Flag


def look(scene: Scene) -> list[Flag]:
    """A flag that names the claim by which the referral came about, if a person entered it after the conversion."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    for claim in scene.draft.of(Claim, "friend", scene.referral.friend):
        by = claim.referral == scene.referral.id and claim.entered_by is not None
        if by and claim.opened_at > scene.conversion.at:
            seen = {"claim": claim.id, "entered_at": claim.opened_at, "at": scene.conversion.at}
            return [Flag("claim_after_conversion", seen)]
    return []
