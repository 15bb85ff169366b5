"""Whether the friend agreed to be recommended and written to is not clear, as the declared trait ``consent`` says."""

from __future__ import annotations

from typing import Final

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag

TRAIT: Final = "consent"
#: What may be said of it; true is given, false refused. Any other word says nothing.
GIVEN: Final = "given"
UNCLEAR: Final = ("unclear", "refused", "withdrawn")


def flags(customer: Customer | None) -> list[Flag]:
    """A flag with what was said, where that is no consent. Of whom nothing was said nothing is flagged."""
    said = customer.traits.get(TRAIT) if customer is not None else None
    if said is False:
        said = "refused"
    return [Flag("consent_unclear", {"consent": said})] if said in UNCLEAR else []


def look(scene: Scene) -> list[Flag]:
    """The same of who bought."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    return flags(scene.draft.get(Customer, scene.buyer))
