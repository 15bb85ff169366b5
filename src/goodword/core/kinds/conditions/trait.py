"""A declared trait of the customer has a value, or a number at least so large."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from goodword.core.kinds.conditions.base import Seen, View

Token = Annotated[
    str,
    Meta(pattern="^[A-Za-z0-9._-]{1,64}$(?!\\n)", description="letters, digits, dot, underscore, hyphen; at most 64"),
]


class Trait(Struct, frozen=True, kw_only=True, tag_field="kind", tag="trait", forbid_unknown_fields=True):
    """Exactly one of ``equals`` and ``at_least`` is looked at: ``equals`` if given. A missing trait never meets it."""

    EXAMPLES: ClassVar = ("{kind: trait, name: plan, equals: team}", "{kind: trait, name: seats, at_least: 5}")

    name: Token
    equals: bool | int | Token | None = None
    at_least: int | None = None

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether the trait is there and as asked. True and 1 are different values."""
        value = view.traits.get(self.name)
        seen: Seen = {"name": self.name, "value": value, "equals": self.equals, "at_least": self.at_least}
        if self.equals is not None:
            return type(value) is type(self.equals) and value == self.equals, seen
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number and self.at_least is not None and value >= self.at_least, seen  # type: ignore[operator]
