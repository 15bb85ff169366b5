"""What commands have in common: how each is decided, also one that is the event of a source; what somebody types; a new member's key.

They ask for no permission: whoever calls them has, and ``core.decide`` asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import asyncpg
from msgspec import Struct

from goodword import words
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError, UnknownError
from goodword.app.intake.ingest import Ingest
from goodword.app.principal import Principal
from goodword.app.write.commands import Also, Naming, Stamp, command
from goodword.app.write.process import drain_until
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, RecordLooked
from goodword.outbound.mail import Letter, MailError, Post
from goodword.sources import native_read
from goodword.sources.base import Problem, Sender
from goodword.store import log, notes, workspaces


class Why(NamedTuple):
    """Why a member says something: a code, what they typed beside it, and what forbids to tell the code to whom it costs."""

    reason: str
    text: str | None = None
    withheld: str | None = None


async def say(
    who: Principal,
    directory: Directory,
    make: Callable[[Stamp], AnyEvent] | Naming,
    key: str | None,
    *,
    content: bytes | None = None,
    also: Also | None = None,
    dry_run: bool = False,
) -> Entry:
    """Decide a command of a principal at once and return its entry. ``key`` makes a repeat harmless; see ``write.commands``.

    ``dry_run``: nothing is kept of it; the entry says what it would do.
    """
    more = {"key": key, "content": content, "also": also, "dry_run": dry_run}
    if who.way == "timer":
        more["source"] = "timer"
    return await command(directory.engine, who.workspace.id, make, who.actor, **more)  # type: ignore[arg-type]


class RepeatedError(InvalidError):
    """Something else was said before under the same key. ``parameter``: in what it differs."""


async def sent(who: Principal, directory: Directory, sender: Sender, said: dict[str, Any]) -> Entry:
    """Have what somebody says accepted as any event is, and decided; returns its entry. ``said``: as a server would send it.

    Its ``id`` makes a repeat harmless. Raises InvalidError for what cannot be meant, BehindError where deciding is late.
    """
    wire = native_read.checked(said)
    if isinstance(wire, Problem):
        raise InvalidError(f"{wire.field or said['type']}: {native_read.CODES[wire.code]}", wire.field)
    [answer] = await Ingest(directory.engine, directory.vault).accept(who.workspace, sender, [wire])
    if answer.evt is None or answer.status in ("conflict", "invalid"):
        raise RepeatedError(
            "This was sent before with something else under the same key: open the form again.", answer.field
        )
    await drain_until(directory.engine, who.workspace.id, answer.evt)
    async with directory.reading() as conn:
        entry = await log.of(conn, who.workspace.id, answer.evt)
    if entry is None:
        raise AssertionError(f"{answer.evt} was decided and is not there")
    return entry


class Note(NamedTuple):
    """A text that somebody typed beside a command: the digest that stands for it in the log, and what keeps it in the same commit."""

    digest: str | None
    keep: Also | None


def note(who: Principal, text: str | None, key: str) -> Note:
    """Return a text, and what it is called in the log. Nothing is stored yet: a command that fails leaves no text behind."""
    if text is None:
        return Note(None, None)

    async def keep(conn: asyncpg.Connection, _: Entry) -> None:
        await notes.add(conn, who.workspace, key, text)

    return Note(notes.digest(who.workspace, key, text), keep)


class Move(Struct, frozen=True):
    """What a decision makes of one reward's amount, in minor units or points."""

    reward: str
    beneficiary: str
    unit: str
    was: int
    now: int


class Preview(Struct, frozen=True):
    """What would come of a decision, of which nothing was kept. ``entry``: as it would stand in the log; perhaps it is refused."""

    entry: Entry
    moves: tuple[Move, ...]


class Sum(Struct, frozen=True):
    """What a decision makes of all that it moves of one beneficiary in one unit, in minor units or points."""

    beneficiary: str
    unit: str
    was: int
    now: int

    @property
    def change(self) -> int:
        """How much more it is."""
        return self.now - self.was


def by_person(moves: Iterable[Move]) -> tuple[Sum, ...]:
    """Return what moves of each beneficiary and unit, in the order in which they come first."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for move in moves:
        was, now = sums.get((move.beneficiary, move.unit), (0, 0))
        sums[move.beneficiary, move.unit] = was + move.was, now + move.now
    return tuple(Sum(*key, *both) for key, both in sums.items())


async def previewed(who: Principal, directory: Directory, make: Callable[[Stamp], AnyEvent]) -> Preview:
    """Return what would come of a command of a principal: it is decided as it would be now, and taken back."""
    entry = await command(directory.engine, who.workspace.id, make, who.actor, dry_run=True)
    return Preview(entry, moves_of(entry))


def moves_of(entry: Entry) -> tuple[Move, ...]:
    """Return the rewards whose amount an entry changes, in order."""
    moves = []
    for said in entry.verdicts:
        if said.about != "reward" or said.refused or said.subject is None or said.beneficiary is None:
            continue
        was = next((step.values.get("amount", 0) for step in said.steps if step.code == "was"), 0)
        if was != said.amount:
            moves.append(Move(said.subject, said.beneficiary, said.unit or "", was, said.amount or 0))
    return tuple(moves)


async def mail_to_me(who: Principal, directory: Directory, letter: Letter, key: str | None) -> None:
    """Send a mail to oneself, which stands on the record; a repeat under a key sends none. Raises UnknownError, ConflictError."""
    async with directory.reading() as conn:
        mail = await workspaces.mail(conn, who.workspace, who.actor.id)
    if mail is None:
        raise UnknownError("mail address of yours")
    post = post_of(directory)
    if await first(who, directory, who.actor.id, "mail_tried", key):
        await send(post, mail, letter)


async def first(who: Principal, directory: Directory, member: str, what: str, key: str | None) -> bool:
    """Put on the record that a mail goes to a member, and return whether it is not the same again under its key."""
    new: list[Entry] = []

    async def also(_: asyncpg.Connection, entry: Entry) -> None:
        new.append(entry)

    await say(who, directory, lambda s: RecordLooked(**s, subject=member, what=what), key, also=also)
    return bool(new)


def post_of(directory: Directory) -> Post:
    """Return what mail is given to. Raises ConflictError where there is nothing."""
    if directory.post is None:
        raise ConflictError("no_mail", words.page("mail.none"))
    return directory.post


async def send(post: Post, mail: str, letter: Letter) -> None:
    """Give a mail to the server. Raises ConflictError where it was not taken."""
    try:
        await post.send(mail, letter)
    except MailError as error:
        raise ConflictError("mail_not_taken", str(error)) from error
