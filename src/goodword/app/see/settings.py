"""What a person has chosen, and may at the portal: where they are paid, tax forms, language, mails, and what they agreed to and when.

Everything is found by who asks and by nothing else. An account is shown by its last characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.mailboxes import boxes_of
from goodword.app.principal import Principal, requires
from goodword.app.see import messages, taxes
from goodword.app.see.held import Account
from goodword.core import calendar
from goodword.core import taxes as core_taxes
from goodword.core.payees import HOLD
from goodword.core.rules import TOPICS
from goodword.core.state import Customer, Payee, Reporting, TaxForm
from goodword.outbound.rails import REGISTRY, Field, last
from goodword.outbound.rails.sandbox import SCRIPTS
from goodword.outbound.tax_forms import CLASSES, FORMS
from goodword.store import entities, message_texts, payees
from goodword.words.catalogue import languages
from goodword.words.letters import named


class Change(Struct, frozen=True):
    """Other details that one entered. ``due_at``: from when they hold; None: one has not confirmed it, by the link in a mail."""

    rail: str
    last: str | None
    destination: str
    asked_at: int
    due_at: int | None

    @property
    def over_at(self) -> int:
        """Until when it can be confirmed."""
        return self.asked_at + HOLD


class Form(Struct, frozen=True):
    """A tax form that a jurisdiction asks for. ``kinds``: by which one answers; ``given``: which one is there, and until when."""

    jurisdiction: str
    kinds: tuple[str, ...]
    given: str | None
    until: int | None


class Agreed(Struct, frozen=True):
    """That one agreed to a purpose, or took it back, at an instant."""

    purpose: str
    channel: str | None
    given: bool
    at: int


class Settings(Struct, frozen=True):
    """What one has chosen. ``rails``: by which one may be paid, with the fields of each; ``reached``: whether a mail of one's is known.

    ``languages``: each with its name; ``off``: topics of which one wants no mails; ``stopped``: why nothing is sent.
    ``agreed``: the newest first.
    """

    account: Account | None
    entering: Change | None
    rails: Mapping[str, tuple[Field, ...]]
    reached: bool
    forms: tuple[Form, ...]
    language: str | None
    languages: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]
    off: tuple[str, ...]
    stopped: str | None
    agreed: tuple[Agreed, ...]


#: The fields of tax forms, by form; what fields take that are one of several.
FIELDS: Final = FORMS
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "script": SCRIPTS,
    "type": ("checking", "savings"),
    "holder": ("person", "company"),
    "classification": CLASSES,
}


@requires("own.rewards")
async def own(who: Principal, directory: Directory) -> Settings:
    """Return what who asks has chosen."""
    ws, person = who.workspace, who.actor.id
    reach = await messages.own(who, directory)
    async with directory.snapshot() as conn:
        payee = next(iter(await entities.load(conn, ws.id, Payee, [person])), None)
        account, entering = await _accounts(conn, who, directory, payee)
        mails = await boxes_of(conn, directory, ws, [person], own=True)
        customer = next(iter(await entities.load(conn, ws.id, Customer, [person])), Customer(person=person))
        forms = await _forms(conn, who)
        texts = await message_texts.present(conn, ws.id, help_=False)
    spoken = {*languages(), *(it.language for it in texts if it.text), *filter(None, [customer.language])}
    written = tuple((it, named(it)) for it in sorted(spoken))
    agreed = [
        Agreed(key.partition(":")[0], key.partition(":")[2] or None, given, at)
        for key, it in customer.consents.items()
        for at, given in ((it.at, it.given), *reversed(it.before))
    ]
    return Settings(
        account,
        entering,
        {name: rail.fields for name, rail in REGISTRY.items() if rail.fields and ws.mode in rail.modes},
        directory.post is not None and person in mails,
        forms,
        customer.language,
        written,
        TOPICS,
        reach.off,
        reach.stopped or reach.listed,
        tuple(sorted(agreed, key=lambda it: (-it.at, it.purpose, it.channel or ""))),
    )


async def _accounts(
    conn: asyncpg.Connection, who: Principal, directory: Directory, payee: Payee | None
) -> tuple[Account | None, Change | None]:
    if payee is None:
        return None, None
    ws, person = who.workspace, payee.person
    details, _ = await payees.opened(conn, ws, directory.vault, [person])
    said = details[person][2] if person in details else {}
    account = Account(payee.rail, last(REGISTRY[payee.rail].fields, said), payee.changed_at)
    now = payee.entering
    if now is None:
        return account, None
    its = (await payees.entered(conn, ws, directory.vault, [person])).get(person)
    tail = last(REGISTRY[now.rail].fields, its.details) if its is not None else None
    return account, Change(now.rail, tail, now.destination, now.asked_at, now.due_at)


async def _forms(conn: asyncpg.Connection, who: Principal) -> tuple[Form, ...]:
    """Return which forms the workspace asks for, and which of them are there, under any id that one ever had."""
    reporting = next(iter(await entities.every(conn, who.workspace.id, Reporting)), None)
    if reporting is None:
        return ()
    _, names = await taxes.names_of(conn, who.workspace.id, who.actor.id)
    found = []
    for jurisdiction in reporting.jurisdictions:
        its = await entities.load(conn, who.workspace.id, TaxForm, [(one, jurisdiction) for one in names])
        given = next((it for it in its if it.form is not None), None)
        kinds = tuple(it for it in core_taxes.FORMS[jurisdiction] if it != "none")
        until = calendar.day_begins(given.until, "UTC") if given and given.until else None
        found.append(Form(jurisdiction, kinds, given.form if given else None, until))
    return tuple(found)
