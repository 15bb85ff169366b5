"""A code that staff type for a customer: the form, and what was decided of it is the page of its event."""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.console.forms import Form
from goodword.console.frame import Act, Read, Visit


class Typing(Struct, frozen=True):
    """The form, for who may. ``places``: where a code is typed."""

    may: bool
    places: tuple[str, ...]


async def typing(visit: Visit) -> Typing:
    """Return the form."""
    return Typing(visit.may(say.leads.enter), say.leads.PLACES)


async def typed(visit: Visit, form: Form) -> str:
    """Record the code; one goes on to what was decided of it."""
    said = form.need("customer", 255), form.need("code", 255), form.need("place", 40), form.once
    return f"/events/{await say.leads.enter(visit.who, visit.directory, *said)}?done=code_typed"


_FORM = Read("/leads/new", "/leads/new", see.events.page, "leads/enter.html", typing)
READS = (_FORM,)
ACTS = (Act("/leads/new", _FORM, say.leads.enter, typed),)
