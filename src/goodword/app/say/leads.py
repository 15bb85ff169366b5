"""A code that somebody of the company types for a customer: at a till, on the telephone, at the sales desk."""

from __future__ import annotations

from typing import Final

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.intake.ingest import Ingest
from goodword.app.principal import Principal, requires
from goodword.app.write.process import drain_until
from goodword.sources import native_read
from goodword.sources.base import Problem, Sender

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
    wire = native_read.checked({"type": "lead.created", "id": f"{who.actor.id}:{key}", **said})
    if isinstance(wire, Problem):
        raise InvalidError(f"{wire.field or 'lead'}: {native_read.CODES[wire.code]}", wire.field)
    [answer] = await Ingest(directory.engine, directory.vault).accept(who.workspace, _STAFF, [wire])
    if answer.evt is None or answer.status in ("conflict", "invalid"):
        raise InvalidError("This form was sent before with something else: open it again.", answer.field)
    await drain_until(directory.engine, who.workspace.id, answer.evt)
    return answer.evt
