"""Store credit: our own. What arrives can be redeemed at once; nobody is called, since the ledger is where it stands."""

from __future__ import annotations

from goodword.core.ledger import STORE_CREDIT
from goodword.core.lots import KINDS
from goodword.outbound.rails.base import Answer, Order, Rail

__all__ = ["STORE_CREDIT", "StoreCredit"]


class StoreCredit(Rail):
    """The rail."""

    kinds = KINDS
    modes = ("live", "sandbox")
    manual = False
    fields = ()

    async def send(self, order: Order) -> Answer:
        """It is delivered by what is written down of this answer."""
        return Answer("completed", f"credit-{order.id}")

    async def ask(self, order: Order) -> Answer:
        """Whoever asks was not heard before: it was not delivered yet, and is by this answer."""
        return await self.send(order)
