"""What a source's items mean by the workspace's own mapping, for how long what it delivers is kept, and sending that again.

Who said so stands on the record (``mapped``, ``keeping_set``, ``resent``), and which mapping an event was read by in the event.
"""

from __future__ import annotations

import asyncpg

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.follow import resending
from goodword.app.follow.resending import Resend
from goodword.app.intake.mappings import mappable
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import RecordLooked
from goodword.sources.segment import event_file
from goodword.store import kept, mappings
from goodword.store.mappings import File

#: Bytes of a file.
MOST = 64 << 10


@requires("source.manage")
async def publish(
    who: Principal,
    directory: Directory,
    source: str,
    text: str,
    name: str = "mapping.yaml",
    *,
    once: str | None = None,
) -> str:
    """Publish a mapping file of a source; what comes from now on is read by it. Returns the hash of what it says.

    One that says what the newest says already makes no version. Raises MappingFileErrors with all that is wrong, UnknownError.
    """
    mappable(source)
    data = text.encode()
    if len(data) > MOST:
        raise InvalidError(f"The file has more than {MOST >> 10} KiB.", "text")
    if "\0" in text:
        raise InvalidError("The file holds a NUL.", "text")
    read = event_file.read(data, name)
    await _say(who, directory, source, File(read.hash, read.document, text), once)
    return read.hash


@requires("source.manage")
async def end(who: Principal, directory: Directory, source: str, *, once: str | None = None) -> None:
    """Let a source be read without a mapping of the workspace's own from now on; the versions stay. Raises UnknownError."""
    mappable(source)
    await _say(who, directory, source, File(), once)


@requires("source.manage")
async def keep(who: Principal, directory: Directory, source: str, days: int, *, once: str | None = None) -> None:
    """Keep what a source delivers for so many days, sealed; 0: keep nothing, and forget what was kept. Raises UnknownError."""
    name = mappable(source).name
    if not 0 <= days <= kept.MOST_DAYS:
        raise InvalidError(f"Expected 0 to {kept.MOST_DAYS} days.", "days")

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await kept.set_days(conn, who.workspace.id, name, days)

    _done(await say(who, directory, lambda s: RecordLooked(**s, subject=name, what="keeping_set"), once, also=also))


@requires("source.manage")
async def resend(
    who: Principal, directory: Directory, source: str, since: int | None = None, *, once: str | None = None
) -> Resend:
    """Send again what is kept of a source, all or what came since an instant of the real clock, through its newest mapping.

    A worker does so; what was decided already is a repeat. Raises UnknownError, ConflictError while it is being sent again.
    """
    name, ws, now = mappable(source).name, who.workspace.id, directory.now()
    begun: list[Resend] = []

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if entry.refused:
            return
        keeping = await kept.keeping(conn, ws, name)
        before = resending.state(keeping.resend)
        if before is not None and before.ended_at is None:
            raise ConflictError("resending", "It is being sent again: wait until that has ended.")
        first = max(since or 0, now - keeping.days * calendar.DAY)
        count, last = await kept.span(conn, ws, name, first)
        if not count:
            raise ConflictError(
                "nothing_kept",
                "Nothing is kept of then: `goodword mapping keep`, or the page Mapping, has what comes from now on kept.",
            )
        begun.append(Resend(since=first, to=last, of=count, by=who.actor.id, started_at=now))
        await resending.begin(conn, ws, name, begun[0])

    _done(await say(who, directory, lambda s: RecordLooked(**s, subject=name, what="resent"), once, also=also))
    if begun:
        return begun[0]
    async with directory.reading() as conn:
        found = resending.state((await kept.keeping(conn, ws, name)).resend)
    if found is None:
        raise UnknownError("time that it was sent again")
    return found


async def _say(who: Principal, directory: Directory, source: str, file: File, once: str | None) -> None:
    name, ws = mappable(source).name, who.workspace.id
    async with directory.reading() as conn:
        present = (await mappings.present(conn, ws)).get(name)
    if (present.hash if present is not None else "") == file.hash:
        return

    async def also(conn: asyncpg.Connection, entry: Entry) -> None:
        if not entry.refused:
            await mappings.add(conn, ws, name, file, who.actor.id, directory.now())

    subject = file.hash or name
    _done(await say(who, directory, lambda s: RecordLooked(**s, subject=subject, what="mapped"), once, also=also))


def _done(entry: Entry) -> None:
    if entry.refused:
        raise ConflictError("refused", words.refusal(entry.verdicts[0].refusal or ""))
