"""Two programs owe the same advocate for one order: which of the two agreements holds is for a person to say."""

from __future__ import annotations

from goodword.core import kin, semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Conversion, Flag, Reward


def look(scene: Scene) -> list[Flag]:
    """A flag that names what the other program owes already."""
    draft = scene.draft
    if draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    mine = {kin.root(draft.get, person) for person in scene.advocates}
    for id_ in draft.need(Conversion, scene.conversion.id).rewards:
        other = draft.need(Reward, id_)
        theirs = other.side == "advocate" and kin.root(draft.get, other.beneficiary) in mine
        if theirs and other.amount and other.program != scene.referral.program:
            return [Flag("two_agreements", {"program": other.program, "reward": other.id})]
    return []
