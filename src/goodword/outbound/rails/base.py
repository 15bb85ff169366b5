"""What a rail is: the way by which a payout reaches its beneficiary.

A rail gets the payout's id as its idempotency key: sending the same order twice must deliver once. Whether it did is never
guessed: after a silence it is asked. Must not know: states of payouts, the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal

from msgspec import Struct


class Order(Struct, frozen=True):
    """What is to be delivered: idempotency key, minor units (or points), unit, and the beneficiary's details as entered."""

    id: str
    amount: int
    unit: str
    details: dict[str, Any]


class Answer(Struct, frozen=True):
    """What the rail says. ``again``: seconds after which it should be asked once more; None: that was its last word."""

    outcome: Literal["sent", "completed", "failed", "returned"]
    reference: str | None = None
    reason: str | None = None
    again: float | None = None


class SilenceError(Exception):
    """The rail did not answer: whether it delivers is unknown."""


class Rail(ABC):
    """A way to deliver. ``kinds``: of reward it can. ``manual``: people carry the orders out and say what became of them."""

    kinds: ClassVar[tuple[str, ...]]
    manual: ClassVar[bool]

    def __init__(self, folder: Path) -> None:
        """``folder``: where the rail may keep what it must remember; it makes it when it needs it."""
        self._folder = folder

    @abstractmethod
    async def send(self, order: Order) -> Answer:
        """Deliver. Raises SilenceError if no answer came."""

    @abstractmethod
    async def ask(self, order: Order) -> Answer | None:
        """Say what became of an order; None: the rail never heard of it. Raises SilenceError."""
