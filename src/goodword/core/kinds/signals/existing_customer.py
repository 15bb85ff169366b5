"""It turned out after the binding that the friend was a customer before the recommendation."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.stages import matching
from goodword.core.state import Customer, Flag


def look(scene: Scene) -> list[Flag]:
    """A flag where the program is for new customers. (Known in time it refuses the binding: ``core.referrals``.)"""
    customer = scene.draft.need(Customer, scene.referral.friend)
    if not scene.rules.new_customers_only or matching.is_new(customer, scene.referral.lead_at):
        return []
    seen = {"first_conversion_at": customer.first_conversion_at, "known_since": customer.known_since}
    return [Flag("existing_customer", {**seen, "lead_at": scene.referral.lead_at})]
