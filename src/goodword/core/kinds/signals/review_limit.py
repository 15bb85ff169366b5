"""A reward above the amount over which the program wants a closer look."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each unit in which some reward is above its limit."""
    over = scene.rules.review.over
    if over is None:
        return []
    flags = {}
    for side, _, unit, amount in scene.rewards:
        if unit in over and amount > over[unit]:
            flags[unit] = Flag("review_limit", {"side": side, "unit": unit, "amount": amount, "limit": over[unit]})
    return [flags[unit] for unit in sorted(flags)]
