"""Where somebody gets mail, and in which language: the mailbox that a trusted source said of them last, by when that happened.

It stands as that source wrote it. What is told late of long ago leads nobody's mail to a mailbox that they had before. Of two accounts
that are one person's, the mailbox of the one that goes on counts, or else those of the others. Must not know: what is sent there, SMTP.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final, NamedTuple

import asyncpg

from goodword.app.directory import Directory
from goodword.core.state import Customer, Kin
from goodword.sources.identity import canonical_email, written_email
from goodword.store import entities, letters, log, people
from goodword.store.vault import blind
from goodword.store.workspaces import Workspace
from goodword.words.catalogue import ENGLISH, near

#: In which an event says a mail, and what somebody is called; and how many of the newest of somebody are looked at for them.
_MAILS: Final = ("customer_email", "email")
_NAMES: Final = ("name", "customer_name")
_EVENTS: Final = 1_000


class Box(NamedTuple):
    """Where somebody gets mail. ``person``: as whom the source said it, whose ``key`` it is; ``blind``: the mail's digest."""

    mail: str
    blind: bytes
    person: str
    key: bytes
    name: str | None


class Last(NamedTuple):
    """What a trusted source said last that said a mail. ``at``: when it happened, in microseconds."""

    at: int
    evt: str
    mail: str
    fields: dict[str, Any]


async def of_one(directory: Directory, ws: Workspace, person: str) -> str | None:
    """Return where somebody confirms what is theirs, in canonical form; None: nobody knows. Of an account merged into it: nothing."""
    async with directory.reading() as conn:
        box = (await boxes_of(conn, directory, ws, {person}, own=True)).get(person)
    return canonical_email(box.mail) if box is not None else None


async def boxes_of(
    conn: asyncpg.Connection, directory: Directory, ws: Workspace, persons: Collection[str], *, own: bool = False
) -> dict[str, Box]:
    """Return where these persons, who were merged into nobody, get mail; who has no mailbox is not among them.

    ``own``: only what was said of the account that goes on: whoever has its session may merge one of theirs into it (0142), and must
    not be asked in the place of whose money it is.
    """
    members = {it.person: it.members for it in await entities.load(conn, ws.id, Kin, persons)}
    ids = {person: (person, *(() if own else members.get(person, ()))) for person in persons}
    said = await letters.who_has_mail(conn, ws, directory.vault, [one for its in ids.values() for one in its])
    having = {
        person: [person] if person in said else [one for one in its if one in said] for person, its in ids.items()
    }
    unsure = [one for its in having.values() for one in its if len(its) > 1 or said[one].several]
    newest = await last(conn, ws, directory, unsure) if unsure else {}
    found = {}
    for person, its in having.items():
        one = max(its, key=lambda it: newest[it][:2] if it in newest else (0, ""), default=None)
        if one is None:
            continue
        fields = newest[one].fields if one in newest else said[one].fields
        for text in _mails(fields):
            known = canonical_email(text)
            digest = blind(ws.keys.index, "mail", known) if known is not None else None
            if digest is not None and (one in newest or digest == said[one].blind):
                name = next((str(it) for it in map(fields.get, _NAMES) if it), None)
                found[person] = Box(written_email(text), digest, one, said[one].key, name)
                break
    return found


async def language_of(conn: asyncpg.Connection, ws: str, persons: Iterable[str], liked: str | None = None) -> str:
    """Return in which language these are written to: what one chose or the company said, else what is ``liked``, else English."""
    known = await entities.load(conn, ws, Customer, [*persons])
    return near([*(it.language for it in known), liked]) or ENGLISH


async def last(
    conn: asyncpg.Connection, ws: Workspace, directory: Directory, persons: Collection[str]
) -> dict[str, Last]:
    """Return what a trusted source said last of each of these that has a mail; never what somebody said whom nobody trusts."""
    said = await people.said_of_each(conn, ws.id, directory.vault, persons, _EVENTS)
    with_mail = {
        (person, evt): fields for person, events in said.items() for evt, fields in events if any(_mails(fields))
    }
    entries = await log.of_each(conn, ws.id, {evt for _, evt in with_mail})
    found: dict[str, Last] = {}
    for (person, evt), fields in with_mail.items():
        entry, mail = entries.get(evt), next(_mails(fields))
        if entry is not None and not entry.event.unverified and canonical_email(mail) is not None:
            one = Last(entry.event.occurred_at, evt, mail, fields)
            found[person] = max(found.get(person, one), one, key=lambda it: it[:2])
    return found


def _mails(fields: dict[str, Any]) -> Iterator[str]:
    return (str(fields[name]) for name in _MAILS if fields.get(name))
