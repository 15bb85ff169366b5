"""The friend's firm was a customer before the recommendation, or we had a deal with it: a colleague registers again, perhaps."""

from __future__ import annotations

from goodword.core import companies, persons
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag


def look(scene: Scene) -> list[Flag]:
    """A flag with the firm's first date, where the program is for new customers and the friend is one themselves.

    Known for sure in time it refuses: ``referrals``.
    """
    if not scene.rules.new_customers_only:
        return []
    customer = scene.draft.need(Customer, scene.buyer)
    if persons.known_before(scene.draft, scene.told, customer, scene.referral.lead_at) is not None:
        return []
    deals = not companies.by_registration(scene.referral)
    found = companies.known_before(
        scene.draft, customer, scene.referral.lead_at, touched=scene.referral.touch_at, deals=deals
    )
    return [companies.flag(found, scene.referral.lead_at)] if found is not None else []
