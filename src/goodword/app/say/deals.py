"""Deals: registered for a partner or by them, decided by a member, and what partner and sales write to each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import Preview, note, previewed, say, sent
from goodword.app.write.commands import Stamp
from goodword.core.deals import REASONS, SIDES
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, DealAccepted, DealDeclined, DealNoted, DealWithdrawn
from goodword.core.ids import PREFIXES
from goodword.core.state import Registration
from goodword.sources.base import Sender
from goodword.sources.identity import canonical_email
from goodword.sources.split import is_id
from goodword.store import entities, forms, pages, people

_STAFF: Final = Sender("staff", verified=True)
#: A partner at a form of their own: of whom they speak with they say what proves nothing.
_PARTNER: Final = Sender("partner", verified=False)
#: So many deals of one partner wait when no more are taken by a form: a link that got into other hands fills no list.
MOST_BROUGHT: Final = 100
_TYPE: Final = "deal.registered"
_KEY: Final = "sk:"  # with which the id of a secret key begins, as which somebody made a form


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
    said |= {"type": _TYPE, "id": f"{who.actor.id}:{key}", "customer_external_id": contact}
    return await sent(who, directory, _STAFF, said)


class Brought(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deal as its partner types it in a form of their own: the company, and the mail of whom they speak with there."""

    company: str
    company_domain: str | None = None
    customer_email: str
    amount: int | None = None
    currency: str | None = None
    percent: str | None = None
    note: str | None = None


@requires("own.register")
async def bring(who: Principal, directory: Directory, form: str, deal: Brought, key: str) -> Entry:
    """Register a deal as its partner, by a form of theirs; returns its entry. ``key``, with the form, makes a repeat harmless.

    It is the event that any registration is, and no more: what is said of the contact is a partner's word and no proof of who they are;
    whoever made the form counts as having typed it, for they held the link. Raises UnknownError for a form that has ended,
    InvalidError for what cannot be meant, ConflictError while very many of theirs wait.
    """
    ws, mail = who.workspace, deal.customer_email.strip()
    if canonical_email(mail) != mail.lower():
        raise InvalidError("The mail is no address.", "customer_email")
    async with directory.reading() as conn:
        made = await forms.find(conn, ws.id, form)
        names = await people.texts(conn, ws.id, ws.keys, directory.vault, [who.actor.id])
        asked: dict[str, Any] = {"status": "submitted", "advocate": who.actor.id, "after": "", "limit": MOST_BROUGHT}
        waiting = await pages.registrations(conn, ws.id, **asked)
    if made is None or made.person != who.actor.id or not made.opens(directory.now()) or who.actor.id not in names:
        raise UnknownError("form")
    if len(waiting) >= MOST_BROUGHT:
        raise ConflictError("too_many", f"{MOST_BROUGHT} deals wait to be decided. Ask for those first.")
    said: dict[str, Any] = {name: it for name, it in msgspec.to_builtins(deal).items() if it is not None}
    said |= {"type": _TYPE, "id": f"{form}:{key}", "advocate_external_id": names[who.actor.id], "program": made.program}
    said |= {"customer_external_id": mail, "customer_email": mail}
    if not made.made_by.startswith(_KEY):
        said["entered_by"] = made.made_by
    return await sent(who, directory, _PARTNER, said)


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
    """Write a message on a registration: for sales, or what the partner says. A key speaks for the partner.

    So does a partner, on deals of their own. Raises UnknownError for any other deal, to them.
    """
    if side not in SIDES:
        raise InvalidError(f"side: it can be {' or '.join(SIDES)}.", "side")
    if who.actor.kind == "person":
        return await _written_by_partner(who, directory, registration, text, key)
    return await _written(who, directory, registration, side, text, key)


async def _written_by_partner(who: Principal, directory: Directory, registration: str, text: str, key: str) -> Entry:
    """Nothing is put on the record of what is not theirs: who guesses at ids fills no log."""
    asked = [registration] if is_id(registration, PREFIXES["registration"]) else []
    async with directory.reading() as conn:
        found = await entities.load(conn, who.workspace.id, Registration, asked)
    if not any(it.advocate == who.actor.id and who.sees(it.program) for it in found):
        raise UnknownError("deal")
    return await _written(who, directory, registration, "partner", text, key)


async def _written(who: Principal, directory: Directory, registration: str, side: str, text: str, key: str) -> Entry:
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
