"""Signals of trouble: one file a kind, listed here in the order in which they look. Each gives flags with evidence, never a refusal."""

from __future__ import annotations

from collections.abc import Callable

from goodword.core.kinds.signals import (
    claim_after_conversion,
    colleague,
    company_domain,
    consent,
    customer_issue,
    disposable_mail,
    duplicate_claim,
    duplicate_conversion,
    existing_customer,
    lead_just_before,
    partner_exception,
    payee_name,
    reciprocal,
    refund_open,
    relationship,
    review_limit,
    same_person,
    shared_key,
    two_agreements,
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
    "colleague": colleague.look,
    "velocity": velocity.look,
    "review_limit": review_limit.look,
    "claim_after_conversion": claim_after_conversion.look,
    "lead_just_before": lead_just_before.look,
    **relationship.LOOKS,
    "customer_issue": customer_issue.look,
    "refund_open": refund_open.look,
    "consent_unclear": consent.look,
    "two_agreements": two_agreements.look,
    "partner_exception": partner_exception.look,
    "payee_name": payee_name.look,
}
#: All flags: these, and what no order shows, but a merge, that payment details changed, that no order earned it, and
#: what a bank says of a payout or of the name of a payee.
CODES = (*REGISTRY, "duplicate_friend", "payee_changed", "correction", "bank_line", "payee_check")


def declares(name: str, value: object) -> bool:
    """Whether a trait tells a signal something, in words that name nobody: it is known without any rule that looks at it."""
    if name == consent.TRAIT:
        return isinstance(value, bool) or value in (consent.GIVEN, *consent.UNCLEAR)
    return name in relationship.IS_ONE and isinstance(value, bool)
