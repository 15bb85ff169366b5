"""What a rail is: the way by which a payout reaches its beneficiary.

A rail gets the payout's id as its idempotency key: sending the same order twice must deliver once. Whether it did is never
guessed: after a silence it is asked. Must not know: states of payouts, the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from msgspec import Struct

from goodword.outbound.rails.details import Field


class Order(Struct, frozen=True):
    """What is to be delivered: idempotency key, minor units (or points), unit, and the beneficiary's details as checked."""

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


class RailModeError(Exception):
    """A rail does not work in a workspace of this mode; the sentence names those that do. ``code``: stable, by the mode."""

    def __init__(self, rail: str, mode: str, others: Iterable[str]) -> None:
        super().__init__(f"The rail {rail} does not work in a {mode} workspace: take one of {', '.join(others)}.")
        self.code = f"rail_not_{mode}"


class Rail(ABC):
    """A way to deliver.

    ``kinds``: of reward it can. ``modes``: of workspace it works in. ``manual``: people carry the orders out and say what became
    of them. ``fields``: what its payment details are made of; a reward that goes to none, such as points, needs none of them.
    """

    kinds: ClassVar[tuple[str, ...]]
    modes: ClassVar[tuple[Literal["live", "sandbox"], ...]]
    manual: ClassVar[bool]
    fields: ClassVar[tuple[Field, ...]]

    def __init__(self, folder: Path) -> None:
        """``folder``: where the rail may keep what it must remember; it makes it when it needs it."""
        self._folder = folder

    @abstractmethod
    async def send(self, order: Order) -> Answer:
        """Deliver. Raises SilenceError if no answer came."""

    @abstractmethod
    async def ask(self, order: Order) -> Answer | None:
        """Say what became of an order; None: the rail never heard of it. Raises SilenceError."""
