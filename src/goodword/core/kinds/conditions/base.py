"""What a condition sees of a conversion, and what conditions with a list share. They must not know rules, rewards or people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Final

from msgspec import Struct

from goodword.core.events import Line

#: What was seen, for the explanation: tokens, numbers and truth values only.
Seen = dict[str, object]
#: A list of at most so many stands in an explanation, and so many of what was found of a longer one.
SHOWN: Final = 20


class View(Struct, frozen=True, gc=False, kw_only=True):
    """One conversion and its customer, as conditions may look at them. ``by_digest``: how long lists are quoted."""

    amount: int | None
    currency: str | None
    country: str | None
    lines: tuple[Line, ...]
    traits: Mapping[str, bool | int | str]
    new_customer: bool
    by_digest: bool = True


class Listing(Struct, frozen=True, kw_only=True, dict=True):
    """A condition with a list, which is worked out once, not with each conversion."""

    any_of: tuple[str, ...]

    @cached_property
    def members(self) -> frozenset[str]:
        """What is in the list."""
        return frozenset(self.any_of)

    @cached_property
    def digest(self) -> str:
        """The first 16 hex digits of the SHA-256 of its members, each followed by a line feed, in the order of the rules."""
        return sha256("".join(f"{one}\n" for one in self.any_of).encode()).hexdigest()[:16]

    def quoted(self, view: View) -> Seen:
        """The list for an explanation: whole, or where it is long its digest and size; the version of the rules has it."""
        if view.by_digest and len(self.any_of) > SHOWN:
            return {"list": self.digest, "size": len(self.any_of)}
        return {"any_of": list(self.any_of)}

    def found(self, view: View, among: set[str]) -> tuple[bool, Seen]:
        """Whether any of these is in the list, and what is said of it."""
        met = sorted(among & self.members)
        seen = self.quoted(view)
        return bool(met), {**seen, "found": met[:SHOWN] if "list" in seen else met}
