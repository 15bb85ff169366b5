"""What sort of suspicion a flag is: its family, how severe it is, and whether it opens a case or only marks the reward for review.

A flag that stands not here is one of fraud and opens a case. What a family means for who may clear it is ``GUARDED``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

FAMILIES: Final = (
    "fraud",
    "attribution",
    "timing",
    "eligibility",
    "reward",
    "permission",
    "relationship",
    "partner",
    "customer",
)
SEVERITIES: Final = ("low", "medium", "high")


class Sort(NamedTuple):
    """``marks``: it opens no case; the reward is marked, and nobody approves it before its evidence was opened."""

    family: str
    severity: str
    marks: bool = False


_UNKNOWN: Final = Sort("fraud", "medium")
#: Code of a flag, or kind of a case that no flag opened -> its sort.
SORTS: Final[dict[str, Sort]] = {
    "self_referral": Sort("fraud", "high"),
    "shared_key": Sort("fraud", "medium"),
    "disposable_mail": Sort("fraud", "medium"),
    "reciprocal": Sort("fraud", "medium"),
    "duplicate_conversion": Sort("fraud", "medium"),
    "duplicate_friend": Sort("fraud", "high"),
    "velocity": Sort("fraud", "medium"),
    "duplicate_claim": Sort("attribution", "high"),
    "claim_after_conversion": Sort("timing", "medium", marks=True),
    "lead_just_before": Sort("timing", "low", marks=True),
    "existing_customer": Sort("eligibility", "high"),
    "colleague": Sort("eligibility", "medium"),
    "suspended": Sort("eligibility", "high"),
    "review_limit": Sort("reward", "medium"),
    "payee_changed": Sort("reward", "medium", marks=True),
    "payee_name": Sort("reward", "high", marks=True),
    "chargeback": Sort("reward", "high"),
    "bank_line": Sort("reward", "high"),
    "payee_check": Sort("reward", "high"),
    "conversion_conflict": Sort("reward", "medium"),
    "refund_exceeds": Sort("reward", "medium"),
    "refund_conflict": Sort("reward", "medium"),
    "refund_open": Sort("reward", "medium", marks=True),
    "consent_unclear": Sort("permission", "medium"),
    "two_agreements": Sort("partner", "medium"),
    "partner_exception": Sort("partner", "high"),
    "correction": Sort("reward", "low", marks=True),
    "company_domain": Sort("relationship", "low"),
    "employee": Sort("relationship", "high"),
    "reseller": Sort("relationship", "medium"),
    "same_owner": Sort("relationship", "high"),
    "household": Sort("relationship", "medium"),
    "own_salesperson": Sort("relationship", "high"),
    "dispute": Sort("customer", "medium"),
    "story": Sort("customer", "low"),
    "customer_issue": Sort("customer", "medium", marks=True),
}
#: Families that only an approver or an owner clears (``access``: ``flag.clear``).
GUARDED: Final = frozenset(["fraud", "attribution", "partner"])


def sort(code: str) -> Sort:
    """Return the sort of a flag."""
    return SORTS.get(code, _UNKNOWN)


def worst(codes: Iterable[str]) -> str | None:
    """Return the highest severity of some flags; None of no flags."""
    found = {sort(code).severity for code in codes}
    return next((severity for severity in reversed(SEVERITIES) if severity in found), None)


def guarded(kind: str, codes: Iterable[str]) -> bool:
    """Return whether a case of this kind with these flags is cleared by an approver or an owner alone."""
    return any(sort(code).family in GUARDED for code in ([*codes] or [kind]))
