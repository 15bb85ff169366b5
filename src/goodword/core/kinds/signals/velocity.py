"""More rewarded conversions of one advocate in a period than the program expects."""

from __future__ import annotations

from goodword.core import calendar, kin
from goodword.core.kinds.signals.base import Scene
from goodword.core.stages import limits
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each advocate whose count in the period has reached the limit before this conversion."""
    velocity = scene.rules.review.velocity
    if velocity is None:
        return []
    rule = scene.rules.conversion(scene.conversion.name)
    if rule is None:
        return []
    program, at = scene.referral.program, scene.conversion.at
    period = calendar.period(at, velocity.per, scene.rules.timezone)
    flags = []
    kinds = {limits.kind_of(rule.on, reward) for reward in rule.rewards if reward.side == "advocate"}
    for person in dict.fromkeys(kin.root(scene.draft.get, share.person) for share in scene.referral.shares):
        counts = [
            limits.used(scene.draft, scene.rules, limits.Counted(program, person, kind, at), velocity.per, period).count
            for kind in kinds
        ]
        seen = max(counts, default=0)
        if seen >= velocity.count:
            flags.append(
                Flag("velocity", {"advocate": person, "seen": seen, "expected": velocity.count, "period": period})
            )
    return flags
