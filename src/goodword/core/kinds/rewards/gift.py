"""A gift: owed in a currency at its face value, and given as a code or link that its beneficiary gets by mail, never as money."""

from __future__ import annotations

from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="gift", unit=lambda _program, currency: currency, in_money=True)
