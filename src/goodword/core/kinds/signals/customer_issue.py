"""The customer has an issue with the company that is not closed: they may give the order back."""

from __future__ import annotations

from goodword.core import semantics
from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag that names the oldest open issue."""
    if scene.draft.semantics < semantics.FLAGS_BY_FAMILY:
        return []
    customer = scene.customers.get(scene.buyer)
    issues = customer.issues if customer is not None else ()
    return [Flag("customer_issue", {"issue": issues[0], "open": len(issues)})] if issues else []
