"""Welcome: what the shop took off an order itself. It is delivered before anybody approves it, so that nothing is ever sent."""

from __future__ import annotations

from goodword.core.ledger import WELCOME
from goodword.outbound.rails.base import Answer, Order, Rail

__all__ = ["WELCOME", "Welcome"]


class Welcome(Rail):
    """The rail."""

    kinds = (WELCOME,)
    modes = ("live", "sandbox")
    manual = False
    fields = ()

    async def send(self, order: Order) -> Answer:
        """It is complete as it is released: nobody comes here."""
        return Answer("completed", f"welcome-{order.id}")

    async def ask(self, order: Order) -> Answer:
        """Likewise."""
        return await self.send(order)
