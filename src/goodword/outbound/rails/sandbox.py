"""Sandbox: a provider that is not there, for trials; it pays nobody. What it does stands in the details, as ``script``.

succeed: delivered at once. fail: refused. timeout: delivered, but the answer is lost. late: the answer comes later.
return: delivered, and returned later. It keeps books, one file an order, so that it recognises an idempotency key for
ever, also after this process was killed; a second delivery of one key would be seen there.
"""

from __future__ import annotations

import os

from goodword.outbound.rails.base import Answer, Order, Rail, SilenceError
from goodword.outbound.rails.details import NAME, Field, one_of

SCRIPTS = ("succeed", "fail", "timeout", "late", "return")
_LATER = 0.5  # seconds


class Sandbox(Rail):
    """The rail."""

    kinds = ("cash", "credit", "points", "gift")
    modes = ("sandbox",)
    manual = False
    fields = (
        Field(
            "script",
            f"What the rail does with each payout: one of {', '.join(SCRIPTS)}; without it it succeeds.",
            "late",
            one_of(SCRIPTS),
        ),
        NAME,
    )

    async def send(self, order: Order) -> Answer:
        """Do what the script says; the same order again is recognised and not delivered again."""
        known = self._write(order)
        script = order.details.get("script", "succeed")
        if script == "timeout" and not known:
            raise SilenceError(f"order {order.id}: no answer")
        if script == "late" and not known:
            return Answer("sent", _reference(order), again=_LATER)
        return self._answer(order, script, asked=False)

    async def ask(self, order: Order) -> Answer | None:
        """Say what the books say."""
        if not (self._folder / order.id).exists():
            return None
        return self._answer(order, order.details.get("script", "succeed"), asked=True)

    def _answer(self, order: Order, script: str, *, asked: bool) -> Answer:
        if script == "fail":
            return Answer("failed", _reference(order), reason="account_closed")
        if script == "return":
            if asked:
                return Answer("returned", _reference(order), reason="returned_by_bank")
            return Answer("completed", _reference(order), again=_LATER)
        return Answer("completed", _reference(order))

    def _write(self, order: Order) -> bool:
        """Enter an order; tells whether it was there before."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(self._folder / order.id, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return True
        with os.fdopen(handle, "w") as file:
            file.write(f"{order.amount} {order.unit}\n")
            file.flush()
            os.fsync(file.fileno())
        return False


def _reference(order: Order) -> str:
    return f"sandbox-{order.id}"
