"""Points: owed in the points of a program, whatever the currency of the conversion."""

from __future__ import annotations

from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="points", unit=lambda program, _currency: f"points:{program}", in_money=False)
