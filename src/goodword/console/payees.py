"""Payees: the section of a person's page that says where they are paid, and the form that notes what a bank answered about it.

The page itself is ``people``'s.
"""

from __future__ import annotations

from msgspec import Struct

from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.app.say.payees import Answered
from goodword.app.see.destinations import Details
from goodword.console.forms import Form
from goodword.console.frame import Visit
from goodword.core.payees import ANSWERS


class Paid(Struct, frozen=True):
    """The section. ``may_check``: the form is offered."""

    details: Details
    may_check: bool
    answers: tuple[str, ...] = ANSWERS


async def section(visit: Visit, person: str) -> Paid | None:
    """Return the section of a person's page; None for who may not see it, and of whom nobody entered it."""
    if not visit.may(see.destinations.get):
        return None
    try:
        details = await visit.read(see.destinations.get, person)
    except UnknownError:
        return None
    return Paid(details, visit.may(say.payees.check))


async def check(visit: Visit, form: Form) -> str:
    """Note what a bank answered about the details that were shown."""
    person = visit.named("person")
    said = Answered(
        answer=form.need("answer", 20),
        provider=form.need("provider", 64),
        destination=form.need("destination", 64),
        suggested=form.text("suggested", 140),
    )
    entry = await visit.say(say.payees.check, person, said, form.once)
    asks = any(verdict.outcome == "case_opened" for verdict in entry.verdicts)
    return f"/people/{person}?done={'payee_asked' if asks else 'payee_checked'}"
