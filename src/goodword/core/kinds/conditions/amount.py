"""The conversion's amount lies in a range, given for each currency in minor units."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from goodword.core.kinds.conditions.base import Seen, View


class Amount(Struct, frozen=True, kw_only=True, tag_field="kind", tag="amount", forbid_unknown_fields=True):
    """``at_least`` <= amount < ``below``; a currency that is not named does not meet it."""

    EXAMPLES: ClassVar = (
        "{kind: amount, at_least: {EUR: 5000}}",
        "{kind: amount, at_least: {EUR: 1000}, below: {EUR: 5000}}",
    )

    at_least: dict[str, int] = {}
    below: dict[str, int] = {}

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether the amount lies in the range of its currency."""
        seen: Seen = {"amount": view.amount, "currency": view.currency}
        if view.amount is None or view.currency is None:
            return False, seen
        named = view.currency in self.at_least or view.currency in self.below
        low = self.at_least.get(view.currency)
        high = self.below.get(view.currency)
        seen |= {"at_least": low, "below": high}
        return named and (low is None or view.amount >= low) and (high is None or view.amount < high), seen
