"""Code stock: codes that you uploaded, such as gift cards. Which ones a payout gets is decided before, so that nobody is called."""

from __future__ import annotations

from goodword.core.lots import KINDS
from goodword.core.stocks import CODE_STOCK
from goodword.outbound.rails.base import Answer, Order, Rail

__all__ = ["CODE_STOCK", "CodeStock"]


class CodeStock(Rail):
    """The rail."""

    kinds = (*KINDS, "gift")
    modes = ("live", "sandbox")
    manual = False
    fields = ()

    async def send(self, order: Order) -> Answer:
        """The codes are the payout's since it is processing: they can be read."""
        return Answer("completed", f"codes-{order.id}")

    async def ask(self, order: Order) -> Answer:
        """Whoever asks was not heard before."""
        return await self.send(order)
