"""Messages to advocates: what becomes of one of which nobody knows, and that somebody is written to again."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, Literal

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError, UnknownError
from goodword.app.mailboxes import boxes_of
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say, sent
from goodword.app.see import filters
from goodword.app.see import messages as see_messages
from goodword.app.write.commands import Part, together
from goodword.app.write.process import BehindError
from goodword.core.entry import Entry
from goodword.core.events import MessageSettled, MessagesResumed
from goodword.core.state import Letter
from goodword.sources import mail_reports
from goodword.sources.base import Sender
from goodword.sources.mail_reports import ReportError
from goodword.store import entities, letters

Outcome = Literal["again", "arrived", "leave"]
#: Why somebody is written to again: they asked for it, their address was mended, or it was a mistake.
REASONS: Final = ("asked", "mended", "mistake")
_UNMATCHED: Final = (
    "No message of this workspace has the address for unsubscribing that the report returns, or its person was erased. "
    "Send it to the workspace whose mail it is about, with a key of that; else there is nothing to do."
)
#: It is accepted as what a mail service tells itself.
_SENDER: Final = Sender("native", verified=True)


@requires("message.handle")
async def settle(who: Principal, directory: Directory, message: str, outcome: Outcome, key: str) -> Entry:
    """Say what becomes of a message of which nobody knows whether it arrived, or that was refused: it is sent once more, or not."""

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if outcome == "again" and not entry.refused:
            await letters.drop(conn, who.workspace.id, [message])

    return await say(who, directory, lambda s: MessageSettled(**s, message=message, outcome=outcome), key, also=also)


@requires("message.handle")
async def settle_each(
    who: Principal, directory: Directory, messages: Sequence[str], outcome: Outcome, key: str
) -> list[Entry]:
    """Say the same of several: of all of them, or of none, by StoppedError with what would have come of each.

    Raises InvalidError for none, or for more than the list of them shows.
    """
    named = list(dict.fromkeys(messages))
    if not 0 < len(named) <= see_messages.MOST:
        raise InvalidError(f"Choose messages, {see_messages.MOST} at most.", "messages")

    def part(message: str) -> Part:
        async def also(conn: asyncpg.Connection, _: Entry) -> None:
            if outcome == "again":
                await letters.drop(conn, who.workspace.id, [message])

        return Part(lambda s: MessageSettled(**s, message=message, outcome=outcome), f"{key}:{message}", also)

    return await together(directory.engine, who.workspace.id, [part(it) for it in named], who.actor)


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


class Reported(Struct, frozen=True):
    """What a report says, and the entry of the event that it became; None: it changes nothing, as that a mail arrived late."""

    outcome: mail_reports.Outcome
    entry: Entry | None


@requires("message.report")
async def report(who: Principal, directory: Directory, data: bytes) -> Reported:
    """Take a mail server's report on a message: what it says becomes the event that there is for it, once; nothing of it is kept.

    Raises ReportError for one that cannot be read, or is about no message of the workspace; BehindError where deciding is late.
    """
    it = mail_reports.read(data)
    async with directory.reading() as conn:
        known = await letters.whose(conn, who.workspace.id, it.stop) if it.workspace == who.workspace.id else None
        found = await entities.load(conn, who.workspace.id, Letter, [known] if known is not None else [])
    if not found:
        raise ReportError("report_unmatched", _UNMATCHED)
    if it.outcome == "nothing":
        return Reported(it.outcome, None)
    if found[0].status == "ordered":
        raise BehindError  # it came before the word of the server that took the mail: it is taken when that is in the log
    id_ = f"report-{sha256(f'{it.stop} {it.outcome}'.encode()).hexdigest()[:40]}"
    said = {"id": id_, "message_id": found[0].id}
    if it.outcome == "complaint":
        return Reported(it.outcome, await sent(who, directory, _SENDER, {"type": "message.complained", **said}))
    bounced = {"type": "message.bounced", **said, "hard": it.outcome == "hard_bounce"}
    return Reported(it.outcome, await sent(who, directory, _SENDER, bounced))
