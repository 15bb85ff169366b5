"""Signals of trouble: one file a kind, listed here in the order in which they look. Each gives flags with evidence, never a refusal."""

from __future__ import annotations

from collections.abc import Callable

from goodword.core.kinds.signals import (
    company_domain,
    disposable_mail,
    duplicate_claim,
    duplicate_conversion,
    existing_customer,
    reciprocal,
    review_limit,
    same_person,
    shared_key,
    velocity,
)
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag

Signal = Callable[[Scene], list[Flag]]

REGISTRY: dict[str, Signal] = {
    "self_referral": same_person.look,
    "company_domain": company_domain.look,
    "shared_key": shared_key.look,
    "disposable_mail": disposable_mail.look,
    "reciprocal": reciprocal.look,
    "duplicate_conversion": duplicate_conversion.look,
    "duplicate_claim": duplicate_claim.look,
    "existing_customer": existing_customer.look,
    "velocity": velocity.look,
    "review_limit": review_limit.look,
}
#: All flags: these, and what no order shows, but a merge.
CODES = (*REGISTRY, "duplicate_friend")
