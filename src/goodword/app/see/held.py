"""What is held of one person, as they see it: each value with who said it and since when, who recommended them, what they agreed to.

Everything is found by who asks and by nothing else. Of who recommended them as much is told as that person permits; what is sealed
apart, such as where they are paid, is told by its kind and its last characters. Of each kind a page shows the newest so many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import asyncpg
import msgspec
from msgspec import Struct

from goodword.app import portal
from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import taxes
from goodword.app.see.timelines import Agreed
from goodword.core.entry import Entry
from goodword.core.state import Conversion, Customer, Payee, Referral
from goodword.outbound.rails import REGISTRY, last
from goodword.store import entities, log, pages, payees, people

#: Events of each account that are read, values and orders that are shown, programs; characters of a value.
_EVENTS: Final = 200
_VALUES: Final = 40
_ORDERS: Final = 5
_FEW: Final = 100
_LONGEST: Final = 200
#: The field of an event -> what it is. Of the others it is told that there is a text.
_KINDS: Final = {
    "email": "mail",
    "customer_email": "mail",
    "phone": "phone",
    "customer_phone": "phone",
    "name": "name",
    "customer_name": "name",
    "shown_as": "shown_as",
    "traits": "trait",
    "form": "form",
}
#: Who says something -> what stands for it; other systems of the company are called by their own names.
SOURCES: Final = frozenset({"native", "page", "staff", "partner", "portal", "import"})


class Value(Struct, frozen=True):
    """Something that is held. ``kind``: mail, phone, name, shown_as, trait, form, survey or text.

    ``text``: None of what somebody else wrote. ``source``: by what it came first; ``since``: when that was, None: not decided yet.
    """

    kind: str
    text: str | None
    source: str | None
    since: int | None


class Came(Struct, frozen=True):
    """By whom one came into a program. ``by``: as far as they permit; ``since``: when one signed up."""

    program: str
    by: str | None
    since: int


class Account(Struct, frozen=True):
    """Where one is paid: the rail, the last characters of the account, and since when."""

    rail: str
    last: str | None
    since: int | None


class Held(Struct, frozen=True):
    """What is held of somebody. ``name``: the company's own for them; ``more``: whether there are values that are not shown.

    ``country``, ``language``, ``zone``: as the company says; ``browsers``: of theirs that are known; ``forms``: kinds of tax forms.
    ``agreed``: what they said last of each purpose; ``asks``: what they may agree to here, of which nothing holds now; ``called``: as
    whom they would be named.
    """

    name: str | None
    values: tuple[Value, ...]
    more: bool
    country: str | None
    language: str | None
    zone: str | None
    came: tuple[Came, ...]
    browsers: int
    orders: tuple[Conversion, ...]
    account: Account | None
    forms: tuple[str, ...]
    agreed: tuple[Agreed, ...]
    asks: tuple[str, ...]
    called: str | None


@requires("own.rewards")
async def of_oneself(who: Principal, directory: Directory) -> Held:
    """Return what is held of who asks, under all the ids that they ever had: as much as a page shows."""
    ws, person = who.workspace, who.actor.id
    async with directory.snapshot() as conn:
        _, names = await taxes.names_of(conn, ws.id, person)
        texts = await people.texts(conn, ws.id, ws.keys, directory.vault, [person])
        said = await people.said_of_each(conn, ws.id, directory.vault, names, _EVENTS)
        now = (await log.stream(conn, ws.id)).now(directory.now())
        it = next(iter(await entities.load(conn, ws.id, Customer, [person])), Customer(person=person))
        came = await _came(conn, who, directory)
        advocates = await pages.advocates(conn, ws.id, person=person, after="", limit=1)
        orders = await pages.newest_conversions(
            conn, ws.id, status=None, person=person, after=(pages.LATEST, pages.FIRST), limit=_ORDERS
        )
        entries = await log.of_each(conn, ws.id, [evt for events in said.values() for evt, _ in events])
        called = (await portal.called_each(directory, conn, ws, [person]))[person]
        account, forms = await _sealed_apart(conn, who, directory, names)
    declared = [("trait", f"{name}: {_text(value)}") for name, value in sorted(it.declared.items())]
    declared += [("survey", f"{name}: {one.score} ({one.low}–{one.high})") for name, one in sorted(it.answers.items())]
    values = _values([one for events in said.values() for one in events], entries, declared)
    full = any(len(events) == _EVENTS for events in said.values()) or len(values) > _VALUES
    holds = {key for key, one in it.consents.items() if one.holds(now)}
    mine = ((portal.NAMED, bool(advocates)), (portal.KNOWN, bool(came)))
    return Held(
        texts.get(person),
        tuple(values[:_VALUES]),
        full,
        it.country,
        it.language,
        it.time_zone,
        came,
        len(it.visitors),
        tuple(orders),
        account,
        forms,
        Agreed.of(it, now),
        tuple(purpose for purpose, fits in mine if fits and purpose not in holds),
        called,
    )


async def _came(conn: asyncpg.Connection, who: Principal, directory: Directory) -> tuple[Came, ...]:
    """Return by whom one came, into each program."""
    ws = who.workspace
    programs = {it.id: it.slug for it in await pages.programs(conn, ws.id)}
    found: Sequence[Referral] = await pages.newest_referrals(
        conn,
        ws.id,
        programs=list(programs),
        status=None,
        friend=who.actor.id,
        advocate=None,
        after="",
        limit=_FEW,
    )
    by = {it.id: it.shares[0].person for it in found if it.shares}
    names = await portal.named_each(directory, conn, ws, {*by.values()}, portal.NAMED)
    return tuple(Came(programs[it.program], names.get(by.get(it.id, "")), it.lead_at) for it in found)


async def _sealed_apart(
    conn: asyncpg.Connection, who: Principal, directory: Directory, names: Sequence[str]
) -> tuple[Account | None, tuple[str, ...]]:
    """Return where somebody is paid, masked, and which tax forms there are."""
    person = who.actor.id
    details, _ = await payees.opened(conn, who.workspace, directory.vault, [person])
    forms = await taxes.forms_of(conn, who.workspace.id, names)
    for payee in await entities.load(conn, who.workspace.id, Payee, [person]):
        _, rail, said = details.get(person, ("", payee.rail, {}))
        tail = last(REGISTRY[rail].fields, said) if rail in REGISTRY else None
        return Account(payee.rail, tail, payee.changed_at), forms
    return None, forms


def _values(
    said: Sequence[tuple[str, dict[str, Any]]],
    entries: Mapping[str, Entry],
    declared: Iterable[tuple[str, str]],
) -> list[Value]:
    """Return what was said, each once, with who said it first: by kind, and of each the newest first."""
    found: dict[tuple[str, str | None], Value] = {}
    for evt, fields in sorted(said, reverse=True):
        entry = entries.get(evt)
        source, at = (entry.event.source, entry.event.accepted_at) if entry is not None else (None, None)
        for kind, text in _told(fields):
            found[kind, text] = Value(kind, text, source, at)
    found |= {(kind, text): Value(kind, text, None, None) for kind, text in declared if (kind, text) not in found}
    order = [*dict.fromkeys(_KINDS.values()), "survey", "text"]
    return sorted(found.values(), key=lambda it: order.index(it.kind))


def _told(fields: Mapping[str, Any]) -> Iterable[tuple[str, str | None]]:
    for field, value in fields.items():
        kind = _KINDS.get(field, "text")
        if kind == "text":
            yield kind, None
        elif isinstance(value, dict):
            yield from ((kind, f"{name}: {_text(one)}") for name, one in sorted(value.items()))
        else:
            yield kind, _text(value)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
