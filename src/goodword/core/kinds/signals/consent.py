"""Whether the friend agreed to be recommended and written to is not clear: as ``consent.recorded`` of the purpose ``referral`` says.

Of whom it says nothing, as the declared trait ``consent`` does.
"""

from __future__ import annotations

from typing import Final

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag

TRAIT: Final = "consent"
#: What may be said of it; true is given, false refused. Any other word says nothing.
GIVEN: Final = "given"
UNCLEAR: Final = ("unclear", "refused", "withdrawn")
#: The purpose that is to be recommended and written to because of it.
PURPOSE: Final = "referral"


def flags(customer: Customer | None, at: int) -> list[Flag]:
    """A flag with what was said, where that is no consent at an instant. Of whom nothing was said nothing is flagged.

    What was withdrawn for one channel is withdrawn: a person looks whether it was another one that was used.
    """
    if customer is None:
        return []
    said = customer.consents and [each for key, each in customer.consents.items() if key.partition(":")[0] == PURPOSE]
    if said and any(not each.given for each in said):
        word: bool | int | str | None = "withdrawn"
    elif said:
        word = None if any(each.until is None or at < each.until for each in said) else "expired"
    else:
        word = customer.traits.get(TRAIT)
        word = "refused" if word is False else word if word in UNCLEAR else None
    return [Flag("consent_unclear", {"consent": word})] if word is not None else []


def look(scene: Scene) -> list[Flag]:
    """The same of who bought, when they did."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    return flags(scene.draft.get(Customer, scene.buyer), scene.conversion.at)
