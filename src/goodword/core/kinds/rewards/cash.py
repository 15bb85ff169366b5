"""Cash: owed in the currency of the conversion and paid over a money rail."""

from __future__ import annotations

from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="cash", unit=lambda _program, currency: currency, in_money=True, to_payee=True)
