"""Own system: your shop or loyalty engine books it, by a call that it recognises for ever. After a silence it is asked."""

from __future__ import annotations

from typing import Final

from goodword.core.kinds.rewards import REGISTRY
from goodword.outbound.rails.base import Answer, Order, Rail, SilenceError, Ways
from goodword.outbound.rails.own import SYSTEMS, System

__all__ = ["OWN_SYSTEM", "OwnSystem"]

#: The rail's name.
OWN_SYSTEM: Final = "own_system"


class OwnSystem(Rail):
    """The rail."""

    kinds = tuple(name for name, kind in REGISTRY.items() if not kind.to_payee and not kind.taken_off)
    modes = ("live", "sandbox")
    manual = False
    fields = ()
    connects = True

    async def send(self, order: Order) -> Answer:
        """Have it booked; the same order again is recognised there."""
        system, ways = self._system(order)
        return await system.send(ways, order)

    async def ask(self, order: Order) -> Answer | None:
        """Ask what became of it."""
        system, ways = self._system(order)
        return await system.ask(ways, order)

    def _system(self, order: Order) -> tuple[System, Ways]:
        if order.to is None or self._ways is None:
            raise SilenceError("nobody said where the company's own system is")
        return SYSTEMS[order.to.kind], self._ways
