"""What a partner has done and still has to do, as they see it: every line follows from what is on record, and none is kept.

An agreement and a code of conduct are texts that the company writes as pages of help; who accepts one consents to that very version.
"""

from __future__ import annotations

import hashlib
from typing import Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.see import guide, own
from goodword.app.see.own import Part
from goodword.core.state import Customer, Payee
from goodword.store import entities, message_texts
from goodword.words.guide import TOPIC

#: The purpose of the consent -> the page of help that is the text.
TEXTS: Final = {"agreement": "partner-agreement", "conduct": "partner-conduct"}


class Asked(Struct, frozen=True):
    """A text that is to be accepted. ``digest``: SHA-256 of it as it is shown; ``page``: its name among the pages of help.

    ``accepted_at``: when this version was accepted, in any language; None: it was not. ``before``: an earlier one was.
    """

    purpose: str
    page: str
    title: str
    language: str
    html: str
    digest: str
    accepted_at: int | None
    before: bool


class Checklist(Struct, frozen=True):
    """Where a partner stands. ``paid_since``: since when it is known where they are paid."""

    parts: tuple[Part, ...]
    texts: tuple[Asked, ...]
    paid_since: int | None


@requires("own.rewards")
async def checklist(who: Principal, directory: Directory) -> Checklist:
    """Return where one stands."""
    parts, texts = await own.parts(who, directory), await asked(who, directory)
    async with directory.reading() as conn:
        payees = await entities.load(conn, who.workspace.id, Payee, [who.actor.id])
    return Checklist(parts, texts, next((it.changed_at for it in payees), None))


@requires("own.rewards")
async def asked(who: Principal, directory: Directory) -> tuple[Asked, ...]:
    """Return the texts that the company asks its partners to accept, in one's language as far as they are there."""
    pages = {it.name: it for it in await guide.every(who, directory)}
    async with directory.reading() as conn:
        current = await versions(conn, who.workspace.id)
        customers = await entities.load(conn, who.workspace.id, Customer, [who.actor.id])
    consents = {key: one for it in customers for key, one in it.consents.items() if one.given}
    found = []
    for purpose, name in TEXTS.items():
        if (page := pages.get(name)) is None or page.language not in current[purpose]:
            continue
        said = [consents.get(f"{purpose}:{digest}") for digest in current[purpose].values()]
        at = max((it.at for it in said if it is not None), default=None)
        before = any(key.startswith(f"{purpose}:") for key in consents)
        digest = current[purpose][page.language]
        found.append(Asked(purpose, name, page.title, page.language, page.html, digest, at, before))
    return tuple(found)


async def versions(conn: asyncpg.Connection, ws: str) -> dict[str, dict[str, str]]:
    """Return of each text in which languages it is there now, and the SHA-256 of what it says in each."""
    purposes = {f"{TOPIC}{name}": purpose for purpose, name in TEXTS.items()}
    found: dict[str, dict[str, str]] = {purpose: {} for purpose in TEXTS}
    for it in await message_texts.present(conn, ws, help_=True):
        if it.text and it.topic in purposes:
            found[purposes[it.topic]][it.language] = hashlib.sha256(it.text.encode()).hexdigest()
    return found
