"""What a person says at the portal of what is theirs: where they are paid, their tax form, their language, what is mailed to them.

Each is said by the event and the write path that staff and servers use for it; the core decides otherwise only where they change where
they are paid already (``core.payees``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.say import payees, taxes
from goodword.app.say.said import say, sent
from goodword.app.see import settings as seen
from goodword.core.entry import Entry
from goodword.core.events import MessagesChosen, PayeeAnswered
from goodword.core.rules import TOPICS
from goodword.sources.base import Sender
from goodword.sources.native import CustomerUpdated
from goodword.store import letters, people
from goodword.words.letters import writable

_ONESELF: Final = Sender("portal", verified=True, types=frozenset({CustomerUpdated}))


@requires("own.settings")
async def enter(
    who: Principal, directory: Directory, rail: str, details: Mapping[str, str], key: str, *, lately: bool
) -> Entry:
    """Enter where one is paid. What is there already holds until one has confirmed the other by mail, and a day longer.

    ``lately``: they have signed in just now, which the first details take, for these hold at once. Raises as ``payees.set_payee`` does,
    and ConflictError: ``sign_in_again``, or ``mail_unknown`` where there is no mail by which to confirm others.
    """
    now = await seen.own(who, directory)
    if rail not in now.rails:
        raise InvalidError("rail: one of those that the page offers.", "rail")
    if now.account is None and not lately:
        raise ConflictError("sign_in_again", "First payment details take who has signed in just now.")
    if now.account is not None and not now.reached:
        raise ConflictError("mail_unknown", "No mail of theirs is known by which they could confirm it.")
    return await payees.set_payee(who, directory, who.actor.id, rail, details, key)


@requires("own.settings")
async def withdraw(who: Principal, directory: Directory, key: str) -> Entry:
    """Keep the payment details that hold: take back what one entered in their place. Raises UnknownError for nothing."""
    now = (await seen.own(who, directory)).entering
    if now is None:
        raise UnknownError("change of payment details")
    of = {"person": who.actor.id, "destination": now.destination, "outcome": "withdrawn"}
    return await say(who, directory, lambda s: PayeeAnswered(**s, **of), key)  # type: ignore[arg-type]


@requires("own.settings")
async def give_form(
    who: Principal, directory: Directory, jurisdiction: str, form: str, details: Mapping[str, str], key: str
) -> Entry:
    """Give one's own tax form. Raises as ``taxes.give`` does, and UnknownError where the workspace asks for none."""
    if form not in {it.jurisdiction: it.kinds for it in (await seen.own(who, directory)).forms}.get(jurisdiction, ()):
        raise UnknownError("tax form")
    return await taxes.give(who, directory, who.actor.id, jurisdiction, form, details, key)


@requires("own.settings")
async def speak(who: Principal, directory: Directory, language: str, key: str) -> Entry:
    """Say in which language one is written to: what was said last holds, by oneself or by the company. Raises InvalidError."""
    if not writable(language):
        raise InvalidError("Expected a language such as de or pt-BR.", "language")
    async with directory.reading() as conn:
        names = await people.texts(conn, who.workspace.id, who.workspace.keys, directory.vault, [who.actor.id])
    if who.actor.id not in names:
        raise UnknownError("person")
    said = {"type": "customer.updated", "id": f"{who.actor.id}:{key}", "language": language}
    return await sent(who, directory, _ONESELF, said | {"customer_external_id": names[who.actor.id]})


@requires("own.settings")
async def choose(who: Principal, directory: Directory, off: Collection[str], key: str, *, none: bool = False) -> Entry:
    """Say of which topics one wants no mails, or none at all. Raises InvalidError for a topic that there is not."""
    if not set(off) <= set(TOPICS):
        raise InvalidError(f"off: topics are {', '.join(TOPICS)}.", "off")
    of = {"person": who.actor.id, "off": tuple(sorted(set(off))), "none": none}

    async def also(conn: asyncpg.Connection, _: Entry) -> None:
        if not none:  # also where another account of that address had wanted none, and this one says nothing new
            await letters.want(conn, who.workspace.id, who.actor.id)

    return await say(who, directory, lambda s: MessagesChosen(**s, **of), key, also=also)  # type: ignore[arg-type]
