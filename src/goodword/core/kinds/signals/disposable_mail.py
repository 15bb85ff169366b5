"""A mail address of a provider that gives addresses for minutes: whoever has one can have as many as they like."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag


def look(scene: Scene) -> list[Flag]:
    """A flag that names the first side whose address is one."""
    for person, customer in scene.customers.items():
        if customer.disposable:
            return [Flag("disposable_mail", {"side": "friend" if person == scene.buyer else "advocate"})]
    return []
