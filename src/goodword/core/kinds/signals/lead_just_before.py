"""The friend came by a click seconds before they bought: they may have decided long before, and the click only taken the credit."""

from __future__ import annotations

from goodword.core import calendar, semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag with the seconds in between and those of the rules.

    Who types a code as they pay does so at that moment: of them nothing is flagged.
    """
    referral = scene.referral
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY or referral.typed or referral.touch_at is None:
        return []
    before, within = scene.conversion.at - referral.touch_at, scene.rules.review.just_before
    if not 0 <= before < within * calendar.SECOND:
        return []
    seen = {"seconds": before // calendar.SECOND, "within": within, "touch_at": referral.touch_at}
    return [Flag("lead_just_before", seen)]
