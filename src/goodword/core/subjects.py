"""What an event is about, as far as order matters: an event that was set aside holds up the later ones of its subjects."""

from __future__ import annotations

from goodword.core.events import Event

_NAMES = ("person", "keep", "gone", "invoice", "payout", "deal", "registration")


def subjects(event: Event) -> set[str]:
    """The ids of the customer, invoice, payout and rewards that the event names."""
    named = {getattr(event, name, None) for name in _NAMES}
    listed = {item.id for item in getattr(event, "items", ())}
    return {id_ for id_ in named | listed if id_ is not None}
