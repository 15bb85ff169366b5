"""It turned out after the binding that the friend was a customer before the recommendation."""

from __future__ import annotations

from goodword.core import persons
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag


def look(scene: Scene) -> list[Flag]:
    """A flag where the program is for new customers. (Known in time it refuses the binding: ``core.referrals``.)"""
    if not scene.rules.new_customers_only:
        return []
    customer = scene.draft.need(Customer, scene.buyer)
    found = persons.known_before(scene.draft, scene.told, customer, scene.referral.lead_at)
    if found is None:
        return []
    seen = {"first_conversion_at": found[0].first_conversion_at, "known_since": found[0].known_since}
    same = {} if found[0] is customer else {"person": found[0].person}
    return [Flag("existing_customer", {**seen, "lead_at": scene.referral.lead_at, **same})]
