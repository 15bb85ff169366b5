"""What every kind of reward answers."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class RewardKind(Struct, frozen=True, kw_only=True):
    """``unit(program, currency)`` in which it is owed; ``in_money``: amounts are given by currency, else as points.

    ``to_payee``: it goes to payment details, which an approval binds; ``taken_off``: the shop takes it off the order itself.
    """

    name: str
    unit: Callable[[str, str], str]
    in_money: bool
    to_payee: bool = False
    taken_off: bool = False
