"""Somebody else claims to have brought the friend, and nobody has decided yet."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Claim, Flag


def look(scene: Scene) -> list[Flag]:
    """One flag that names the oldest open claim for other advocates."""
    rivals = [
        claim
        for claim in scene.draft.of(Claim, "friend", scene.referral.friend)
        if claim.status == "open" and claim.shares != scene.referral.shares
    ]
    return [Flag("duplicate_claim", {"claim": rivals[0].id, "kind": rivals[0].kind})] if rivals else []
