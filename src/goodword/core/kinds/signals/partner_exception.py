"""What a partner earns is outside of the agreement with them: left out of it, after its end, in other money, or at another rate."""

from __future__ import annotations

from goodword.core import agreements
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """One for each partner and reason; of two agreements that are in force at once the flag is ``two_agreements``."""
    rule = scene.rules.conversion(scene.conversion.name)
    if rule is None:
        return []
    flags = []
    for person in dict.fromkeys(person for side, person, _, _ in scene.rewards if side == "advocate"):
        found = agreements.standing(scene.draft, scene.rules, rule, scene.referral, scene.conversion, person)
        if found is not None:
            flags += agreements.flags(found, scene.referral.percent_asked)
    return flags
