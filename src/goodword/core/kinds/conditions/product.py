"""At least one line of the invoice is of a named product; such lines earn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goodword.core.events import Line
from goodword.core.kinds.conditions.base import Seen, View
from goodword.core.kinds.conditions.trait import Token


class Product(Struct, frozen=True, kw_only=True, tag_field="kind", tag="product", forbid_unknown_fields=True):
    """Product codes as the invoice's lines name them."""

    EXAMPLES: ClassVar = ("{kind: product, any_of: [sku-1, sku-2]}",)

    any_of: Annotated[tuple[Token, ...], Meta(min_length=1)]

    def choose(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of these products."""
        return [line for line in lines if line.product in self.any_of]

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether any line's product is in the list."""
        products = sorted({line.product for line in view.lines if line.product in self.any_of})
        return bool(products), {"any_of": list(self.any_of), "found": products}
