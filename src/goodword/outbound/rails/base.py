"""What a rail is: the way by which a payout reaches its beneficiary.

A rail gets the payout's id as its idempotency key: sending the same order twice must deliver once. Whether it did is never
guessed: after a silence it is asked. Must not know: states of payouts, the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from msgspec import Struct

from goodword.outbound.answers import Asks, SilenceError
from goodword.outbound.rails.details import Field

__all__ = ["Answer", "Order", "Rail", "RailModeError", "SilenceError", "Ways", "Where"]


class Where(Struct, frozen=True):
    """Where a workspace's own system is, and with what it is asked. ``at``: an instant of the real clock, that of the call."""

    kind: str
    address: str
    secrets: tuple[str, ...]
    at: int

    def __repr__(self) -> str:  # no log has a secret
        return f"Where({self.kind})"


class Order(Struct, frozen=True):
    """What is to be delivered: idempotency key, minor units (or points), unit, and the beneficiary's details as checked.

    A rail that ``connects`` also gets where to, of whom by id and by the company's own names, which kind of reward it is, in which
    programs, by slug, it was earned, and a code that is the payout's for ever and that nobody can guess.
    """

    id: str
    amount: int
    unit: str
    details: dict[str, Any]
    person: str = ""
    external_ids: tuple[str, ...] = ()
    kind: str = ""
    programs: tuple[str, ...] = ()
    code: str = ""
    to: Where | None = None


class Ways(NamedTuple):
    """By what systems of companies are called. ``named``: addresses that somebody named; ``ours``: those of ``urls``, by system."""

    named: Asks
    ours: Asks
    urls: Mapping[str, str]


class Answer(Struct, frozen=True):
    """What the rail says. ``again``: seconds after which it should be asked once more; None: that was its last word."""

    outcome: Literal["sent", "completed", "failed", "returned"]
    reference: str | None = None
    reason: str | None = None
    again: float | None = None


class RailModeError(Exception):
    """A rail does not work in a workspace of this mode; the sentence names those that do. ``code``: stable, by the mode."""

    def __init__(self, rail: str, mode: str, others: Iterable[str]) -> None:
        super().__init__(f"The rail {rail} does not work in a {mode} workspace: take one of {', '.join(others)}.")
        self.code = f"rail_not_{mode}"


class Rail(ABC):
    """A way to deliver.

    ``kinds``: of reward it can. ``modes``: of workspace it works in. ``manual``: people carry the orders out and say what became
    of them. ``fields``: what its payment details are made of; a reward that goes to none, such as points, needs none of them.
    ``connects``: the workspace names the system that delivers. That recognises an order by its id for ever, so that one of which it
    never heard is sent to it again.
    """

    kinds: ClassVar[tuple[str, ...]]
    modes: ClassVar[tuple[Literal["live", "sandbox"], ...]]
    manual: ClassVar[bool]
    fields: ClassVar[tuple[Field, ...]]
    connects: ClassVar[bool] = False

    def __init__(self, folder: Path, ways: Ways | None = None) -> None:
        """``folder``: where the rail may keep what it must remember; it makes it when it needs it."""
        self._folder = folder
        self._ways = ways

    @abstractmethod
    async def send(self, order: Order) -> Answer:
        """Deliver. Raises SilenceError if no answer came."""

    @abstractmethod
    async def ask(self, order: Order) -> Answer | None:
        """Say what became of an order; None: the rail never heard of it. Raises SilenceError."""
