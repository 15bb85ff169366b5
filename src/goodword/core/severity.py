"""How grave what is said against a reward is: 1 worth a look, 2 serious, 3 grave. It orders who decides, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goodword.core.state import Case

#: Flag, or kind of a case that says what is wrong by itself -> how grave it is.
SEVERITY: Final = {
    "self_referral": 3,
    "company_domain": 1,
    "shared_key": 1,
    "disposable_mail": 1,
    "reciprocal": 2,
    "duplicate_conversion": 2,
    "duplicate_claim": 2,
    "duplicate_friend": 2,
    "existing_customer": 3,
    "velocity": 2,
    "review_limit": 1,
    "suspended": 3,
    "chargeback": 3,
    "conversion_conflict": 2,
    "refund_exceeds": 2,
    "refund_conflict": 2,
}
#: Of what nobody has weighed yet.
UNKNOWN: Final = 2
MOST: Final = 3


def of(codes: Iterable[str]) -> int:
    """How grave the gravest of these flags is; 0 without any."""
    return max((SEVERITY.get(code, UNKNOWN) for code in codes), default=0)


def of_case(case: Case) -> int:
    """How grave a case is: by its flags, or by its kind where it has none."""
    return of([flag.code for flag in case.flags] or [case.kind])
