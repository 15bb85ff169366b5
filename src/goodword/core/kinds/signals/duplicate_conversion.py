"""The same customer and amount under another invoice within ten minutes."""

from __future__ import annotations

from goodword.core import calendar
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Conversion, Flag

WITHIN = 10 * calendar.MINUTE


def look(scene: Scene) -> list[Flag]:
    """One flag that names the other conversion."""
    this = scene.conversion
    if this.amount is None or this.person is None:
        return []
    others = [
        other
        for other in scene.draft.of(Conversion, "person", this.person)
        if other.id != this.id
        and other.status == "paid"
        and (other.amount, other.currency) == (this.amount, this.currency)
        and abs(other.at - this.at) < WITHIN
    ]
    return [Flag("duplicate_conversion", {"other": others[0].id, "at": others[0].at})] if others else []
