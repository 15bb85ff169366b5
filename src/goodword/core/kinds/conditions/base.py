"""What a condition sees of a conversion. It must not know rules, rewards or people beyond this view."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from goodword.core.events import Line

#: What was seen, for the explanation: tokens, numbers and truth values only.
Seen = dict[str, object]


class View(Struct, frozen=True, gc=False, kw_only=True):
    """One conversion and its customer, as conditions may look at them."""

    amount: int | None
    currency: str | None
    country: str | None
    lines: tuple[Line, ...]
    traits: Mapping[str, bool | int | str]
    new_customer: bool
