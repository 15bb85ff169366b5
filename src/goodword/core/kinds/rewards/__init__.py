"""Kinds of reward: one file a kind, listed here and nowhere else.

A kind says in which unit an amount is owed and whether it goes to payment details. A new one needs its module, its line here and
its test.
"""

from __future__ import annotations

from typing import Literal

from goodword.core.kinds.rewards import cash, credit, points
from goodword.core.kinds.rewards.base import RewardKind

Kind = Literal["cash", "credit", "points"]

REGISTRY: dict[str, RewardKind] = {"cash": cash.KIND, "credit": credit.KIND, "points": points.KIND}


def to_payee(kind: str) -> bool:
    """Whether rewards of a kind go to payment details, which an approval binds."""
    return REGISTRY[kind].to_payee
