"""Commands: what a person, or a worker with a rail's answer, says is decided at once, before what waits in the inbox.

One that takes away (``Event.TAKES``) comes behind all that was accepted before it: an order that was acknowledged falls to no later
word.

The same write path as ``process``, with an answer: lock -> known already? -> load -> timers that are due, then each command in
order -> persist -> commit. A repeat gives the first answer, and so does what is tried again because the answer of its commit was
lost. Must not know: rules, SQL, HTTP.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import NamedTuple, TypedDict

import asyncpg
from msgspec.structs import replace

from goodword.app.engine import Engine
from goodword.app.write import cache
from goodword.app.write.batch import Batch, EndOfBatch
from goodword.app.write.loader import load
from goodword.app.write.persist import persist
from goodword.app.write.process import EVENTS, TRANSIENT, broken_timer, drain, drain_until, process, timers_due, trying
from goodword.core import canonical
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, ClockMoved, Event
from goodword.core.facts import Actor
from goodword.core.run import instant
from goodword.core.state import Member
from goodword.store import entities, inbox, log, seals, undecided
from goodword.store.seals import Written
from goodword.store.uuid7 import new_id

Also = Callable[[asyncpg.Connection, Entry], Awaitable[None]]
Make = Callable[["Stamp"], AnyEvent]
_LARGE = 2_000  # above this many loaded entities a command is decided in a thread, so that requests are still served

_log = logging.getLogger(__name__)


class Stamp(TypedDict):
    """What the write path gives a command: its id, its source, and the instant of the workspace's clock, twice."""

    evt: str
    source: str
    occurred_at: int
    accepted_at: int


class CommandConflictError(Exception):
    """A command came before under this key, with another content. ``evt`` names the first."""

    def __init__(self, evt: str) -> None:
        super().__init__(f"this key belongs to another command ({evt})")
        self.evt = evt


class StoppedError(Exception):
    """Several commands were said together, and nothing of them was kept. ``entries``: what they would have said, in order.

    Some of it is refused; or it ends before a command that can only be decided after the commit of those before it.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__("one of these commands was refused")
        self.entries = entries


class _DryRun(Exception):
    pass


class _Behind(Exception):
    pass


class _First(Exception):
    """What waits up to ``evt`` is to be decided first."""

    def __init__(self, evt: str) -> None:
        super().__init__(evt)
        self.evt = evt


async def command(
    engine: Engine,
    ws: str,
    make: Make | Naming,
    actor: Actor,
    *,
    key: str | None = None,
    content: bytes | None = None,
    source: str = "person",
    dry_run: bool = False,
    also: Also | None = None,
) -> Entry:
    """Decide what somebody says, before what waits in the inbox, and give the entry with its verdicts.

    ``make`` builds the event on the stamp it is given, or says how, where names are stored with it. ``key`` (the Idempotency-Key) is
    the id of the event: a repeat gives the entry of the first, another ``content`` under it raises CommandConflictError.
    ``dry_run``: decided and rolled back.
    ``also`` stores, in the same commit, what the log may not hold, such as sealed personal data; a repeat does not call it.
    A member acts with the roles, limits and programs of the present. Raises LookupError for an unknown workspace, BehindError for
    a command that takes away while what was accepted before it is not decided, and what decide raises.
    """
    said = [_Said(new_id("evt"), make, source, key, content, also)]
    try:
        [entry] = await _decide(engine, ws, said, actor, dry_run=dry_run)
    except _DryRun as run:
        result: Entry = run.args[0]
        return result
    if isinstance(entry.event, ClockMoved):
        await drain(engine, ws)
    return entry


async def commands(
    engine: Engine,
    ws: str,
    makes: Sequence[Make],
    actor: Actor,
    *,
    source: str = "person",
    also: Also | None = None,
) -> list[Entry | Exception]:
    """Decide several commands of one actor, in order, in one transaction; returns the entry of each, or what it raised.

    ``also``: of each of them, as of one alone.

    One that needs more than was loaded, because of those before it, begins the next transaction. If they fail together each is
    decided alone, so that none fails its neighbours. Raises only what concerns them all, as a database that is away.
    """
    return await _each(engine, ws, [_Said(new_id("evt"), make, source, also=also) for make in makes], actor)


@dataclass(frozen=True, slots=True)
class Naming:
    """How a command is made that says outside names: ``rows`` gives them rows in its transaction, brought by the event of that id.

    It returns how the event is made of them, and the rows that are new.
    """

    rows: Callable[[asyncpg.Connection, str], Awaitable[tuple[Make, Sequence[Written]]]]


class Part(NamedTuple):
    """One of several commands that are said together; as in ``command``."""

    make: Make | Naming
    key: str | None
    also: Also | None = None


async def together(
    engine: Engine, ws: str, parts: Sequence[Part], actor: Actor, *, dry_run: bool = False
) -> list[Entry]:
    """Decide several commands of one person, in order, in one transaction: all of them, or none.

    Raises StoppedError where one is refused. ``dry_run``: each is decided as it would be now, refused or not, and taken back; where one
    needs more than was loaded because of those before it, the entries end before it. Repeats are what they are of ``command``.
    """
    keyed = [
        _Said(new_id("evt"), part.make, "person", None if dry_run else part.key, None, part.also) for part in parts
    ]
    try:
        return await _decide(engine, ws, keyed, actor, dry_run=dry_run, whole=True)
    except _DryRun as run:
        return list(run.args)


@dataclass(slots=True)
class _Said:
    """A command on its way. ``content``: what it is told by from another under its key, its event's own unless it is said.

    ``again``: it was tried before, and may have been decided without our hearing of it.
    """

    evt: str
    make: Make | Naming
    source: str
    key: str | None = None
    content: bytes | None = None
    also: Also | None = None
    again: bool = False


async def _each(engine: Engine, ws: str, said: Sequence[_Said], actor: Actor) -> list[Entry | Exception]:
    try:
        return [*await _decide(engine, ws, said, actor)]
    except TRANSIENT:
        raise
    except Exception as error:  # noqa: BLE001 - alone it shows whose fault it is
        _log.exception("%s commands failed in %s", len(said), ws)
        if len(said) == 1:
            return [error]
    return [result for request in said for result in await _each(engine, ws, [request], actor)]


async def _decide(
    engine: Engine, ws: str, said: Sequence[_Said], actor: Actor, *, dry_run: bool = False, whole: bool = False
) -> list[Entry]:
    """Decide commands in as few transactions as they fit into; ``whole``: in one, or not."""
    entries: list[Entry] = []
    drained = False
    while left := said[len(entries) :]:
        try:
            more = {"dry_run": dry_run, "drained": drained, "whole": whole}
            entries += await trying(engine.clock, partial(_together, engine, ws, left, actor, **more))
        except _Behind:
            await process(engine, ws)
        except _First as first:  # once: who is accepted meanwhile comes later
            await drain_until(engine, ws, first.evt)
            drained = True
    return entries


async def _together(
    engine: Engine, ws: str, said: Sequence[_Said], actor: Actor, *, dry_run: bool, drained: bool, whole: bool
) -> list[Entry]:
    """Decide commands in one transaction: the first, and those behind it for which the same was loaded; ``whole``: all of them.

    ``drained``: what was accepted before they came is decided.
    """
    real_now = engine.clock.now()
    async with engine.pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=True)
        assert stream is not None  # noqa: S101 - it was waited for
        now = stream.now(real_now)
        asked = [(request, await _event(conn, request, now)) for request in said]
        before = [await _known(conn, ws, request) for request, _ in asked]
        new = [event for (_, event), entry in zip(asked, before, strict=True) if entry is None]
        if not new:
            return [entry for entry in before if entry is not None]
        if not drained and any(event.TAKES for event in new) and (waits := await undecided.newest(conn, ws)):
            raise _First(waits)
        actor = await _present(conn, ws, actor)
        as_of = instant(stream.as_of, now)
        due = await timers_due(conn, ws, stream, as_of, EVENTS)
        if len(due) == EVENTS:
            raise _Behind
        here = engine.cache.at(ws, stream.frontier)
        batch = Batch(stream, await load(engine, conn, ws, [*due, *new], here, actor, as_of), due)
        take = partial(_take, batch, [event for _, event in asked], before, actor)
        entries = await asyncio.to_thread(take) if cache.size(batch.loaded.state) > _LARGE else take()
        if dry_run:
            raise _DryRun(*entries)
        if whole and (len(entries) < len(asked) or any(map(_refused, entries))):
            raise StoppedError(entries)
        for timer, error in batch.broken:
            await undecided.add(conn, ws, broken_timer(timer, error), "timer.due")
        end = await persist(conn, ws, stream, batch.changes, real_now, here.loose)
        for (request, event), known, entry in zip(asked, before, entries, strict=False):
            if known is None:
                await _keep(conn, ws, request, event, entry)
    engine.cache.keep(ws, here, batch.loaded.state, end)
    engine.live.grown(ws)
    return entries


def _refused(entry: Entry) -> bool:
    return bool(entry.verdicts) and all(verdict.refused for verdict in entry.verdicts)


async def _event(conn: asyncpg.Connection, request: _Said, now: int) -> AnyEvent:
    """Return what is said as an event; of one with a key, with the digest of its row in the inbox, and of the names that it brought."""
    brought: Sequence[Written] = ()
    make = request.make
    if isinstance(make, Naming):
        make, brought = await make.rows(conn, request.evt)
    event = make(Stamp(evt=request.evt, source=request.source, occurred_at=now, accepted_at=now))
    if request.key is None:
        return event
    request.content = request.content or content_of(event)
    row = seals.inbox(request.source, request.key, request.content)
    return replace(event, sealed=seals.text(row, seals.beside(brought)))


def _take(batch: Batch, asked: Sequence[AnyEvent], before: Sequence[Entry | None], actor: Actor) -> list[Entry]:
    """Return the entries of commands, in order, up to one that was not loaded for because of the others."""
    entries: list[Entry] = []
    for event, known in zip(asked, before, strict=True):
        try:
            entries.append(known or batch.take(event, actor))
        except EndOfBatch:
            if not entries:
                raise _Behind from None
            break
    return entries


async def _known(conn: asyncpg.Connection, ws: str, request: _Said) -> Entry | None:
    """Return the entry of a command that came before, under its key or in a try whose answer was lost."""
    again, request.again = request.again, True
    if again and (decided := await log.of(conn, ws, request.evt)):
        return decided
    if request.key is not None and (earlier := await inbox.known(conn, ws, [(request.source, request.key)])):
        return await _repeat(conn, ws, earlier[request.source, request.key], request)
    return None


async def _keep(conn: asyncpg.Connection, ws: str, request: _Said, event: AnyEvent, entry: Entry) -> None:
    """Store what else belongs to a command: its key for ever, and what the log may not hold."""
    if request.key is not None and request.content is not None:
        type_ = str(event.__struct_config__.tag)
        await inbox.keep(conn, ws, request.source, request.key, request.evt, type_, request.content)
    if request.also is not None:
        await request.also(conn, entry)


async def _repeat(conn: asyncpg.Connection, ws: str, known: inbox.Known, request: _Said) -> Entry:
    """Return the stored answer of a command that came before."""
    if known.content != request.content:
        raise CommandConflictError(known.evt)
    entry = await log.of(conn, ws, known.evt)
    if entry is None:
        raise AssertionError(f"command {known.evt} is stored and not decided")
    return entry


async def _present(conn: asyncpg.Connection, ws: str, actor: Actor) -> Actor:
    """Return a member with what the workspace knows of them now; only the first member comes with roles of its own."""
    if actor.kind != "member":
        return actor
    members = {member.id: member for member in await entities.every(conn, ws, Member)}
    if not members:
        return actor
    known = members.get(actor.id) or Member(id=actor.id, roles=(), limits={})
    return replace(actor, roles=known.roles, limits=known.limits, programs=known.programs)


def content_of(event: Event) -> bytes:
    """Return the digest of what a command says, whenever it says it."""
    return sha256(canonical.encode(replace(event, evt="", source="", occurred_at=0, accepted_at=0))).digest()
