"""A code that somebody of the company types for a customer: at a till, on the telephone, at the sales desk."""

from __future__ import annotations

from typing import Final

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import sent
from goodword.sources.base import Sender

#: Where a code is typed.
PLACES: Final = ("till", "telephone", "sales_desk")
_STAFF: Final = Sender("staff", verified=True)


@requires("lead.enter")
async def enter(who: Principal, directory: Directory, customer: str, code: str, place: str, key: str) -> str:
    """Record a lead with a code that was typed, and have it decided; returns its event, which says what was decided.

    It is accepted as any lead is. Who typed it stands in it, and approves nothing of what comes of it. ``customer``: what the company
    calls them; ``key`` makes a repeat harmless. Raises InvalidError for what cannot be meant, BehindError where deciding is late.
    """
    if place not in PLACES:
        raise InvalidError(f"place: it can be {', '.join(PLACES)}.", "place")
    said = {"customer_external_id": customer, "code": code, "form": {"place": place}, "entered_by": who.actor.id}
    lead = {"type": "lead.created", "id": f"{who.actor.id}:{key}", **said}
    return (await sent(who, directory, _STAFF, lead)).event.evt
