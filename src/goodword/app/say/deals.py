"""Deals: registered for a partner, decided by a member, and what partner and sales write to each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.intake.ingest import Ingest
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, note, previewed, say
from goodword.app.write.commands import Stamp
from goodword.app.write.process import drain_until
from goodword.core.deals import REASONS, SIDES
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, DealAccepted, DealDeclined, DealNoted, DealWithdrawn
from goodword.sources import native_read
from goodword.sources.base import Problem, Sender
from goodword.store import log

_STAFF: Final = Sender("staff", verified=True)


class Registering(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deal as it is registered, by what the event calls it. ``customer_external_id``: the contact; without one, their mail.

    ``percent``: the rate that the partner asks for.
    """

    advocate_external_id: str
    company: str
    company_domain: str | None = None
    company_id: str | None = None
    customer_external_id: str | None = None
    customer_name: str | None = None
    customer_email: str | None = None
    customer_phone: str | None = None
    amount: int | None = None
    currency: str | None = None
    program: str | None = None
    percent: str | None = None
    note: str | None = None


@requires("deal.enter")
async def register(who: Principal, directory: Directory, deal: Registering, key: str) -> Entry:
    """Register a deal for a partner, and have it decided what conflicts with it; returns its entry.

    It is accepted as any event is. A member who types it does not accept it. ``key`` makes a repeat harmless. Raises InvalidError for
    what cannot be meant, BehindError where deciding is late.
    """
    said: dict[str, Any] = {name: it for name, it in msgspec.to_builtins(deal).items() if it is not None}
    contact = deal.customer_external_id or deal.customer_email
    if not contact:
        raise InvalidError("Name the contact: by your own id for them, or by their mail.", "customer_external_id")
    if who.actor.kind == "member":
        said["entered_by"] = who.actor.id
    said |= {"type": "deal.registered", "id": f"{who.actor.id}:{key}", "customer_external_id": contact}
    wire = native_read.checked(said)
    if isinstance(wire, Problem):
        raise InvalidError(f"{wire.field or 'deal'}: {native_read.CODES[wire.code]}", wire.field)
    [answer] = await Ingest(directory.engine, directory.vault).accept(who.workspace, _STAFF, [wire])
    if answer.evt is None or answer.status in ("conflict", "invalid"):
        raise InvalidError("This was registered before with something else under the same key.", answer.field)
    await drain_until(directory.engine, who.workspace.id, answer.evt)
    async with directory.reading() as conn:
        entry = await log.of(conn, who.workspace.id, answer.evt)
    if entry is None:
        raise AssertionError(f"{answer.evt} was decided and is not there")
    return entry


class Answer(Struct, frozen=True, kw_only=True):
    """What a member decides: ``accepted`` or ``declined``, for a ``reason``.

    Of a yes: for how many ``days`` (None: as its partner's agreement says, or as is usual), the subjects of the ``conflicts`` that were
    seen, and the CRM's ``deal`` that it is.
    """

    outcome: str
    reason: str | None = None
    days: int | None = None
    conflicts: tuple[str, ...] = ()
    deal: str | None = None


@requires("deal.decide")
async def decide(
    who: Principal, directory: Directory, registration: str, answer: Answer, text: str | None, key: str
) -> Entry:
    """Accept or decline a registration. Raises InvalidError for a reason that is none."""
    typed = note(who, text, key)
    make = _answer(registration, answer, typed.digest)
    return await say(who, directory, make, key, also=typed.keep)


@requires("deal.decide")
async def preview(who: Principal, directory: Directory, registration: str, answer: Answer) -> Preview:
    """Return what deciding a registration so would bind and move: it is decided as it would be now, and taken back."""
    return await previewed(who, directory, _answer(registration, answer, None))


def _answer(registration: str, answer: Answer, note_: str | None) -> Callable[[Stamp], AnyEvent]:
    of: dict[str, Any] = {"registration": registration, "note": note_}
    if answer.outcome == "declined":
        return partial(_declined, of | {"reason": _reason(answer.reason)})
    return partial(_accepted, of | {"days": answer.days, "conflicts": answer.conflicts, "deal": answer.deal})


def _declined(of: dict[str, Any], stamp: Stamp) -> DealDeclined:
    return DealDeclined(**stamp, **of)


def _accepted(of: dict[str, Any], stamp: Stamp) -> DealAccepted:
    return DealAccepted(**stamp, **of)


@requires("deal.note")
async def write(who: Principal, directory: Directory, registration: str, side: str, text: str, key: str) -> Entry:
    """Write a message on a registration: for sales, or what the partner says. A key speaks for the partner."""
    if side not in SIDES:
        raise InvalidError(f"side: it can be {' or '.join(SIDES)}.", "side")
    typed = note(who, text, key)
    of: dict[str, Any] = {"registration": registration, "side": side, "note": typed.digest or ""}
    return await say(who, directory, lambda s: DealNoted(**s, **of), key, also=typed.keep)


@requires("deal.withdraw")
async def withdraw(who: Principal, directory: Directory, registration: str, text: str | None, key: str) -> Entry:
    """Take a registration back, for its partner."""
    typed = note(who, text, key)
    of: dict[str, Any] = {"registration": registration, "note": typed.digest}
    return await say(who, directory, lambda s: DealWithdrawn(**s, **of), key, also=typed.keep)


def _reason(reason: str | None) -> str:
    if reason not in REASONS:
        raise InvalidError(f"reason: it can be {', '.join(REASONS)}.", "reason")
    return reason
