"""The friend came by a click seconds before they bought: they may have decided long before, and the click only taken the credit."""

from __future__ import annotations

from goodword.core import calendar, semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag

WITHIN = 10 * calendar.SECOND


def look(scene: Scene) -> list[Flag]:
    """A flag with the seconds in between. Who types a code as they pay does so at that moment: of them nothing is flagged."""
    referral = scene.referral
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY or referral.typed or referral.touch_at is None:
        return []
    before = scene.conversion.at - referral.touch_at
    if not 0 <= before < WITHIN:
        return []
    return [Flag("lead_just_before", {"seconds": before // calendar.SECOND, "touch_at": referral.touch_at})]
