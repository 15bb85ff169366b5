"""Messages to advocates: those that a person is to look at, one with what it said, and what somebody gets."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.mailboxes import boxes_of
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.core import calendar
from goodword.core.state import Kin, Letter, Recipient
from goodword.store import entities, letters, log

MOST: Final = 100
#: Why a message was withheld -> told to whom it was for; other reasons are codes of the house.
TOLD: Final = ("topic_off", "mail_unknown", "mail_suppressed", "unsubscribed", "consent_missing", "program_not_live")
_LATEST: Final = (2**62, "~")
#: One that was ordered so long ago is on its way no more: the mail server may be away.
LATE: Final = calendar.HOUR


class Whole(Struct, frozen=True):
    """A message, and what it said; None: it was not handed over, was erased, or names are hidden from who asks."""

    message: Letter
    said: str | None


class Reach(Struct, frozen=True):
    """Whether somebody is written to. ``stopped``: why nothing is sent to them; ``listed``: why nothing is to their address now."""

    off: tuple[str, ...]
    stopped: str | None
    listed: str | None
    score: int | None
    messages: tuple[Letter, ...] = ()


@requires("person.read")
async def waiting(who: Principal, directory: Directory) -> list[Letter]:
    """Return messages that a person is to look at, the oldest first: nobody knows whether they arrived, they were refused, or wait."""
    async with directory.reading() as conn:
        late = (await log.stream(conn, who.workspace.id)).now(directory.now()) - LATE
        ids = await letters.open_(conn, who.workspace.id, late, MOST)
        found = {it.id: it for it in await entities.load(conn, who.workspace.id, Letter, ids)}
    return [found[id_] for id_ in ids if id_ in found and who.sees(found[id_].program)]


@requires("person.read")
async def get(who: Principal, directory: Directory, message: str) -> Whole:
    """Return a message. Raises UnknownError."""
    ws = who.workspace
    async with directory.reading() as conn:
        found = await entities.load(conn, ws.id, Letter, [message])
        if not found or not who.sees(found[0].program):
            raise UnknownError("message")
        named = who.may("person.names")
        return Whole(found[0], await letters.said(conn, ws, directory.vault, message) if named else None)


@requires("own.rewards")
async def own(who: Principal, directory: Directory) -> Reach:
    """Return whether one is written to oneself, and the newest messages, sent or withheld and why."""
    return await _reach(who, directory, who.actor.id)


@requires("person.read")
async def reach(who: Principal, directory: Directory, person: str) -> Reach:
    """Return whether somebody is written to, and why not. Raises UnknownError."""
    async with directory.reading() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
    return await _reach(who, directory, person)


async def _reach(who: Principal, directory: Directory, person: str) -> Reach:
    ws = who.workspace
    async with directory.reading() as conn:
        kin = await entities.load(conn, ws.id, Kin, [person])
        root = kin[0].root if kin else person
        ids = await letters.of_person(conn, ws.id, [root, *(kin[0].members if kin else ())], _LATEST, MOST)
        its = {it.id: it for it in await entities.load(conn, ws.id, Letter, ids) if who.sees(it.program)}
        known = await entities.load(conn, ws.id, Recipient, [root])
        boxes = await boxes_of(conn, directory, ws, [root])
        listed = await letters.suppressed(conn, ws.id, [it.blind for it in boxes.values()])
    it = known[0] if known else Recipient(person=root)
    newest = tuple(its[id_] for id_ in ids if id_ in its)
    return Reach(it.off, it.stopped, next(iter(listed.values()), None), it.score, newest)
