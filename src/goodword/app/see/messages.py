"""Messages to advocates: those that a person is to look at, one with what it said, and what somebody gets."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.app.see import filters
from goodword.core.state import Kin, Letter, Recipient
from goodword.store import entities, letters

MOST: Final = 100
#: States in which a message is not to stay; one that is only just ordered is on its way.
OPEN: Final = ("unknown", "refused", "ordered")


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


@requires("person.read")
async def waiting(who: Principal, directory: Directory) -> list[Letter]:
    """Return messages that a person is to look at, the oldest first: nobody knows whether they arrived, or they were refused, or wait."""
    async with directory.reading() as conn:
        ids = await letters.open_(conn, who.workspace.id, OPEN, MOST)
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


@requires("person.read")
async def reach(who: Principal, directory: Directory, person: str) -> Reach:
    """Return whether somebody is written to, and why not. Raises UnknownError."""
    ws = who.workspace
    async with directory.reading() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        kin = await entities.load(conn, ws.id, Kin, [person])
        root = kin[0].root if kin else person
        known = await entities.load(conn, ws.id, Recipient, [root])
        said = await letters.who_has_mail(conn, ws, directory.vault, [root])
        listed = await letters.suppressed(conn, ws.id, [it.blind for it in said.values()])
    it = known[0] if known else Recipient(person=root)
    return Reach(it.off, it.stopped, next(iter(listed.values()), None), it.score)
