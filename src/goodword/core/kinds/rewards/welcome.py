"""A welcome: what the shop takes off a friend's first order itself. It is promised by an offer, and never sent (``core.offers``)."""

from __future__ import annotations

from goodword.core.kinds.rewards.base import RewardKind

KIND = RewardKind(name="welcome", unit=lambda _program, currency: currency, in_money=True, taken_off=True)
