"""Messages to advocates: what becomes of one of which nobody knows, and that somebody is written to again."""

from __future__ import annotations

from typing import Final, Literal

import asyncpg

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.mailboxes import boxes_of
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import MessageSettled, MessagesResumed
from goodword.store import letters

Outcome = Literal["again", "arrived", "leave"]
#: Why somebody is written to again: they asked for it, their address was mended, or it was a mistake.
REASONS: Final = ("asked", "mended", "mistake")


@requires("message.handle")
async def settle(who: Principal, directory: Directory, message: str, outcome: Outcome, key: str) -> Entry:
    """Say what becomes of a message of which nobody knows whether it arrived, or that was refused: it is sent once more, or not."""

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if outcome == "again" and not entry.refused:
            await letters.drop(conn, who.workspace.id, [message])

    return await say(who, directory, lambda s: MessageSettled(**s, message=message, outcome=outcome), key, also=also)


@requires("message.handle")
async def resume(who: Principal, directory: Directory, person: str, reason: str, key: str) -> Entry:
    """Let somebody be written to again at all addresses, of all topics. Raises UnknownError, InvalidError for no such reason."""
    filters.choice("reason", reason, REASONS)
    async with directory.reading() as conn:
        if not await filters.shown(conn, who, person):
            raise UnknownError("person")
        box = (await boxes_of(conn, directory, who.workspace, [person])).get(person)
        listed = await letters.suppressed(conn, who.workspace.id, [box.blind] if box is not None else [])
    of = {"person": person, "reason": reason, "listed": next(iter(listed.values()), None)}

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await letters.lift(conn, who.workspace.id, person)

    content = f"{person} {reason}".encode()  # that it is on no list any more makes a repeat no other wish
    return await say(who, directory, lambda s: MessagesResumed(**s, **of), key, also=also, content=content)  # type: ignore[arg-type]
