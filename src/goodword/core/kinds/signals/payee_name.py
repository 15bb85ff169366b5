"""The payment details of who would be paid are in another name than theirs.

Names are compared where they may be opened (``app.say.payees``); what is told here is only that they differ. It stands with the
person, as a trait that no company can declare, until details in their name take the place of these.
"""

from __future__ import annotations

from typing import Final

from goodword.core import semantics
from goodword.core.draft import Draft
from goodword.core.kinds.rewards import to_payee
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag

#: No name of a declared trait has a colon.
TRAIT: Final = "payee:name"
DIFFERS: Final = "differs"


def flags(draft: Draft, person: str) -> list[Flag]:
    """A flag, where the name differs."""
    customer = draft.get(Customer, person)
    said = customer.traits.get(TRAIT) if customer is not None else None
    return [Flag("payee_name", {"beneficiary": person, "name": said})] if said == DIFFERS else []


def look(scene: Scene) -> list[Flag]:
    """One for each who would be paid to payment details."""
    rule = scene.rules.conversion(scene.conversion.name)
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY or rule is None:
        return []
    sides = {reward.side for reward in rule.rewards if to_payee(reward.kind)}
    people = dict.fromkeys(person for side, person, _, _ in scene.rewards if side in sides)
    return [flag for person in people for flag in flags(scene.draft, person)]
