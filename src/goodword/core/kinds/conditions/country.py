"""The customer's country is, or is not, one of a list (ISO 3166-1 alpha-2)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from goodword.core.kinds.conditions.base import Listing, Seen, View

CountryCode = Annotated[str, Meta(pattern="^[A-Z]{2}$(?!\\n)", description="two letters of ISO 3166")]


class Country(Listing, frozen=True, kw_only=True, tag_field="kind", tag="country", forbid_unknown_fields=True):
    """A conversion without a country never meets it: unknown is no proof."""

    EXAMPLES: ClassVar = ("{kind: country, any_of: [AT, CH, DE]}", "{kind: country, any_of: [US], negate: true}")

    any_of: Annotated[tuple[CountryCode, ...], Meta(min_length=1)]
    negate: bool = False

    def holds(self, view: View) -> tuple[bool, Seen]:
        """Whether the country is known and (not) in the list."""
        seen: Seen = {"country": view.country, **self.quoted(view), "negate": self.negate}
        return view.country is not None and (view.country in self.members) is not self.negate, seen
