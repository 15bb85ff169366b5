"""Discount code: codes of our own. What arrives can be used at your checkout by the code alone; nobody is called."""

from __future__ import annotations

from goodword.core.ledger import DISCOUNT_CODE
from goodword.core.lots import KINDS
from goodword.outbound.rails.base import Answer, Order, Rail

__all__ = ["DISCOUNT_CODE", "DiscountCode"]


class DiscountCode(Rail):
    """The rail."""

    kinds = KINDS
    modes = ("live", "sandbox")
    manual = False
    fields = ()

    async def send(self, order: Order) -> Answer:
        """It is delivered by what is written down of this answer; what the code reads is kept in the same commit."""
        return Answer("completed", f"code-{order.id}")

    async def ask(self, order: Order) -> Answer:
        """Whoever asks was not heard before: it was not delivered yet, and is by this answer."""
        return await self.send(order)
