"""A mail address of a provider that gives addresses for minutes: whoever has one can have as many as they like."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Customer, Flag


def look(scene: Scene) -> list[Flag]:
    """A flag that names the first side whose address is one."""
    for person in (scene.buyer, *scene.advocates):
        customer = scene.draft.get(Customer, person)
        if customer is not None and customer.disposable:
            return [Flag("disposable_mail", {"side": "friend" if person == scene.buyer else "advocate"})]
    return []
