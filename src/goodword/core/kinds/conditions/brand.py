"""At least one line of the invoice is of a named brand; such lines earn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from goodword.core.events import Line
from goodword.core.kinds.conditions.base import Listing, Seen, View
from goodword.core.kinds.conditions.trait import Token


class Brand(Listing, frozen=True, kw_only=True, tag_field="kind", tag="brand", forbid_unknown_fields=True):
    """Brands as the invoice's lines name them."""

    EXAMPLES: ClassVar = ("{kind: brand, any_of: [acme, globex]}",)

    any_of: Annotated[tuple[Token, ...], Meta(min_length=1)]

    def choose(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of these brands."""
        return [line for line in lines if line.brand in self.members]

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether any line's brand is in the list."""
        return self.found(view, {line.brand for line in view.lines if line.brand is not None})
