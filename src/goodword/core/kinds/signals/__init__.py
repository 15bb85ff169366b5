"""Signals of trouble: one file a kind, listed here in the order in which they look. Each gives flags with evidence, never a refusal."""

from __future__ import annotations

from collections.abc import Callable

from goodword.core.kinds.signals import (
    duplicate_claim,
    duplicate_conversion,
    existing_customer,
    review_limit,
    same_person,
    velocity,
)
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag

Signal = Callable[[Scene], list[Flag]]

REGISTRY: dict[str, Signal] = {
    "self_referral": same_person.look,
    "duplicate_conversion": duplicate_conversion.look,
    "duplicate_claim": duplicate_claim.look,
    "existing_customer": existing_customer.look,
    "velocity": velocity.look,
    "review_limit": review_limit.look,
}
