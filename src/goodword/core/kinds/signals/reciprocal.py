"""The advocate was recommended by their friend: two who recommend one another."""

from __future__ import annotations

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag, Referral


def look(scene: Scene) -> list[Flag]:
    """A flag that names the advocate's own referral by the friend."""
    if scene.draft.semantics < semantics.PERSONS:
        return []
    friend = {scene.buyer, scene.referral.friend}
    for person in scene.advocates:
        advocate = scene.draft.get(Customer, person)
        for id_ in advocate.referrals if advocate is not None else ():
            theirs = scene.draft.need(Referral, id_)
            if theirs.status != "void" and any(by.person in friend for by in theirs.shares):
                return [Flag("reciprocal", {"advocate": person, "referral": id_})]
    return []
