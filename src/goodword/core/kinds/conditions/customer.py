"""The customer is new, or is not: nothing counted before the lead."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from goodword.core.kinds.conditions.base import Seen, View


class Customer(Struct, frozen=True, kw_only=True, tag_field="kind", tag="customer", forbid_unknown_fields=True):
    """For programs open to existing customers in which one kind of conversion is for new ones only."""

    EXAMPLES: ClassVar = ("{kind: customer, new: true}",)

    new: bool = True

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether the customer's newness is as asked."""
        return view.new_customer is self.new, {"new": view.new_customer, "asked": self.new}
