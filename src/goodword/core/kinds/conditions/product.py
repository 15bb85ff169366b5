"""At least one line of the invoice is of a named product; such lines earn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from goodword.core.events import Line
from goodword.core.kinds.conditions.base import Listing, Seen, View
from goodword.core.kinds.conditions.trait import Token


class Product(Listing, frozen=True, kw_only=True, tag_field="kind", tag="product", forbid_unknown_fields=True):
    """Product codes as the invoice's lines name them."""

    EXAMPLES: ClassVar = ("{kind: product, any_of: [sku-1, sku-2]}",)

    any_of: Annotated[tuple[Token, ...], Meta(min_length=1)]

    def choose(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of these products."""
        return [line for line in lines if line.product in self.members]

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether any line's product is in the list."""
        return self.found(view, {line.product for line in view.lines})
