"""A reward above the amount over which the program wants a closer look."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.rules import amount_in
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag for each unit in which some reward is above its limit."""
    over = scene.rules.review.over
    if over is None:
        return []
    flags = {}
    for side, _, unit, amount in scene.rewards:
        limit = amount_in(over, unit)
        if limit is not None and amount > limit:
            flags[unit] = Flag("review_limit", {"side": side, "unit": unit, "amount": amount, "limit": limit})
    return [flags[unit] for unit in sorted(flags)]
