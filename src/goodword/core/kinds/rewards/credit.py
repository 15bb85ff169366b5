"""Store credit: owed in a currency, delivered by the shop's own credit and never as money."""

from __future__ import annotations

from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="credit", unit=lambda _program, currency: currency, in_money=True)
