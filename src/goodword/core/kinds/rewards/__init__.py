"""Kinds of reward: one file a kind, listed here and nowhere else.

A kind says in which unit an amount is owed and whether it goes to payment details. A new one needs its module, its line here and
its test.
"""

from __future__ import annotations

from typing import Literal

from goodword.core.kinds.rewards import cash, credit, gift, points, welcome
from goodword.core.kinds.rewards.base import RewardKind

Kind = Literal["cash", "credit", "points", "welcome", "gift"]

REGISTRY: dict[str, RewardKind] = {
    "cash": cash.KIND,
    "credit": credit.KIND,
    "points": points.KIND,
    "welcome": welcome.KIND,
    "gift": gift.KIND,
}


def to_payee(kind: str) -> bool:
    """Whether rewards of a kind go to payment details, which an approval binds."""
    return REGISTRY[kind].to_payee


def taken_off(kind: str) -> bool:
    """Whether the shop takes rewards of a kind off the order itself, so that nothing is sent for them."""
    return REGISTRY[kind].taken_off
