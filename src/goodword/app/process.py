"""THE write path: everything that changes a workspace goes through here, in one transaction that holds its lock.

    lock the workspace's stream -> read what is undecided -> load -> decide each, timers in between -> persist -> commit

``process`` decides what waits in the inbox and the timers that are due; ``command`` decides what a person (or a worker with
a provider's answer) says, at once. An event on which decide raises is set aside with its trace, and the later events of its
customer, invoice or payout wait behind it until ``retry_quarantine``. Must not know: rules, SQL, HTTP.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TypedDict, TypeVar

import asyncpg
import msgspec
from msgspec.structs import replace

from goodword.app.batch import Batch, EndOfBatch, timer_event
from goodword.app.load import load
from goodword.app.persist import persist
from goodword.core import canonical
from goodword.core.effects import Actor
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, ClockMoved, Event, TimerDue
from goodword.core.state import Member
from goodword.core.subjects import subjects
from goodword.store import entities, log, timers, undecided
from goodword.store.pool import plan_afresh
from goodword.store.undecided import Waiting
from goodword.store.uuid7 import new_id

EVENTS = 1_000
SECONDS = 0.1
_LEAST = 100  # events that a batch takes however slow the last one was
TRIES = 5
_BREATH = 0.003  # seconds of deciding after which the requests of the same process get their turn
_PAUSE = 0.02
_MANY = 50  # keys beyond which a plan that suits the tables of today is worth being made

#: What may be tried again, and no event is to blame for: another transaction is in the way, the server has no room or no
#: time, or the connection is lost.
TRANSIENT = (
    asyncpg.TransactionRollbackError,  # serialisation failure, deadlock
    asyncpg.LockNotAvailableError,
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.IdleInTransactionSessionTimeoutError,  # this process stood still
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke in the middle of an answer
    asyncpg.InvalidCachedStatementError,  # a plan from before a migration
    OSError,  # no connection can be made, not even a socket is there; and every timeout
)

#: Workspace -> events that are decided in ``SECONDS``, as the last batch shows: to load more of them would be for nothing.
_paces: dict[str, int] = {}

T = TypeVar("T")
Tell = Callable[[Sequence[Entry]], None]
Also = Callable[[asyncpg.Connection, Entry], Awaitable[None]]
_log = logging.getLogger(__name__)
_read = msgspec.json.Decoder(AnyEvent).decode


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


class _DryRun(Exception):
    pass


class _Behind(Exception):
    pass


async def process(
    pool: asyncpg.Pool, ws: str, *, limit: int = EVENTS, real_now: int | None = None, tell: Tell | None = None
) -> int:
    """Decide what waits: at most ``limit`` events or 100 ms of them. Gives how many events and timers moved on.

    0: nothing waits, or another process has the lock. ``real_now``: an instant of the real clock, for tests. ``tell`` is called
    with the entries once they are committed.
    """
    try:
        return await _trying(lambda: _process(pool, ws, limit, real_now or _real_now(), tell))
    except (*TRANSIENT, asyncpg.SyntaxOrAccessError):
        raise  # an error of syntax or access: the schema is not this version's, or a right is missing
    except Exception as error:  # noqa: BLE001 - whatever it is, one event or timer is to blame
        _log.exception("a batch of %s failed as a whole", ws)
        if limit > 1:  # alone it shows
            return await process(pool, ws, limit=1, real_now=real_now, tell=tell)
        return await _trying(partial(_set_first_aside, pool, ws, error))


async def drain(pool: asyncpg.Pool, ws: str) -> int:
    """Decide until nothing waits and no timer is due; gives how many moved on."""
    total = 0
    while done := await process(pool, ws):
        total += done
    return total


async def command(
    pool: asyncpg.Pool,
    ws: str,
    make: Callable[[Stamp], AnyEvent],
    actor: Actor,
    *,
    key: str | None = None,
    content: bytes | None = None,
    source: str = "person",
    dry_run: bool = False,
    also: Also | None = None,
) -> Entry:
    """Decide what somebody says, before what waits in the inbox, and give the entry with its verdicts.

    ``make`` builds the event on the stamp it is given. ``key`` (the Idempotency-Key) is the id of the event: a repeat gives the
    entry of the first, another ``content`` under it raises CommandConflictError. ``dry_run``: decided and rolled back.
    ``also`` stores, in the same commit, what the log may not hold, such as sealed personal data; a repeat does not call it.
    A member acts with the roles and limits of the present; raises LookupError for an unknown workspace, and what decide raises.
    """
    said = _Said(new_id("evt"), make, actor, key, content, source, also)
    while True:
        try:
            entry = await _trying(lambda: _command(pool, ws, said, dry_run=dry_run))
        except _DryRun as run:
            result: Entry = run.args[0]
            return result
        except _Behind:
            await process(pool, ws)
            continue
        if isinstance(entry.event, ClockMoved):
            await drain(pool, ws)
        return entry


async def quarantined(pool: asyncpg.Pool, ws: str) -> list[Waiting]:
    """Give what is set aside, with its trace, and what waits behind it, in order."""
    async with pool.acquire() as conn:
        return await undecided.waiting(conn, ws)


async def retry_quarantine(pool: asyncpg.Pool, ws: str, evt: str) -> int:
    """Let an event that was set aside, and those behind it, be decided again, in order; gives how many they are."""
    async with pool.acquire() as conn, conn.transaction():
        await log.lock(conn, ws, wait=True)
        count = await undecided.release(conn, ws, evt)
    await drain(pool, ws)
    return count


@dataclass(slots=True)
class _Said:
    """A command on its way. ``again``: it was tried before, and may have been decided without our hearing of it."""

    evt: str
    make: Callable[[Stamp], AnyEvent]
    actor: Actor
    key: str | None
    content: bytes | None
    source: str
    also: Also | None
    again: bool = False


async def _trying(attempt: Callable[[], Awaitable[T]]) -> T:
    for tries in range(1, TRIES + 1):
        try:
            return await attempt()
        except TRANSIENT as error:
            if tries == TRIES:
                raise
            _log.warning("the write path tries again: %s", type(error).__name__)
            await asyncio.sleep(_PAUSE * 4**tries)
    raise AssertionError("unreachable")


async def _process(pool: asyncpg.Pool, ws: str, limit: int, real_now: int, tell: Tell | None) -> int:
    async with pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=False)
        if stream is None:
            return 0
        limit = min(limit, _paces.get(ws, limit))
        waiting = await undecided.fetch(conn, ws, limit)
        queue = _Queue(await undecided.waiting(conn, ws))
        found = queue.read(waiting)
        now = stream.now(real_now)
        horizon = max([stream.as_of, *(event.accepted_at for _, event in found)], default=0)
        if len(waiting) < limit:
            horizon = max(horizon, now)
        due = [timer_event(timer) for timer in await timers.due(conn, ws, horizon, limit)]
        if not waiting and not due:
            return 0
        if len(found) > _MANY:
            await plan_afresh(conn)
        loaded = await load(conn, ws, [*due, *(event for _, event in found)])
        batch = Batch(stream, loaded, due)
        until = due[-1].due_at if len(due) == limit else None  # later timers are not known to this batch
        positions = await _decide_all(batch, queue, found, until, now if len(waiting) < limit else None)
        _paces[ws] = max(_LEAST, int(len(batch.entries) * SECONDS / max(batch.spent, 1e-6)))
        await undecided.decided(conn, ws, positions)
        await undecided.set_aside(conn, ws, queue.aside)
        for event, error in batch.broken:
            await undecided.add(conn, ws, _broken_timer(event, error), "timer.due", b"", None)
        await persist(conn, ws, stream, batch, real_now)
    if tell is not None:
        tell(batch.entries)
    return len(batch.entries) + len(queue.aside) + len(batch.broken)


async def _set_first_aside(pool: asyncpg.Pool, ws: str, error: Exception) -> int:
    """Set aside what comes first, the timer or the event, because not even its transaction could be made."""
    async with pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=True)
        assert stream is not None  # noqa: S101 - it was waited for
        queue = _Queue([])
        found = queue.read(await undecided.fetch(conn, ws, 1))
        horizon = max([stream.as_of, *(event.accepted_at for _, event in found)]) if found else _real_now()
        due = await timers.due(conn, ws, horizon, 1)
        if due:
            timer = timer_event(due[0])
            await undecided.add(conn, ws, _broken_timer(timer, error), "timer.due", b"", None)
        for row, event in [] if due else found:
            queue.set_aside(row, event, error)
        await undecided.set_aside(conn, ws, queue.aside)
    return 1


async def _decide_all(
    batch: Batch, queue: _Queue, found: list[tuple[Waiting, AnyEvent]], until: int | None, now: int | None
) -> list[tuple[str, str, int]]:
    """Decide events in order, timers in between and up to ``now`` at the end; gives (source, id, position) of each.

    Ends early after 100 ms of its own processor time (what others take meanwhile makes no batch smaller), at an event
    behind ``until``, and at one that was not loaded for.
    """
    positions: list[tuple[str, str, int]] = []
    breath = time.monotonic()
    try:
        for row, event in found:
            if batch.spent > SECONDS and batch.entries:
                return positions
            if time.monotonic() - breath > _BREATH:
                await asyncio.sleep(0)
                breath = time.monotonic()
            if until is not None and max(batch.as_of, event.accepted_at) >= until:
                batch.fire(until)
                return positions
            if queue.waits(row, event):
                continue
            try:
                entry = batch.take(event)
                positions.append((row.source, row.id, entry.position))
            except EndOfBatch:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it concerns this event and those behind it
                _log.exception("an event is set aside: %s", row.evt)
                queue.set_aside(row, event, error)
        last = until if until is not None else now
        if last is not None:
            batch.fire(last)
    except EndOfBatch:
        pass
    return positions


class _Queue:
    """The quarantine: what stands aside, what must wait behind it, and what this batch adds to both."""

    def __init__(self, before: list[Waiting]) -> None:
        self.aside: list[Waiting] = []
        self._blocked: dict[str, str] = {}
        for row in before:
            self._block(row)

    def read(self, rows: list[Waiting]) -> list[tuple[Waiting, AnyEvent]]:
        """Give the events of rows; one that cannot be read is set aside."""
        found = []
        for row in rows:
            try:
                found.append((row, _read(row.body)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.aside.append(row._replace(waits_for=row.evt, trace=_trace(error)))
        return found

    def waits(self, row: Waiting, event: Event) -> bool:
        """Put the event behind what it must wait for, if there is anything."""
        root = next((self._blocked[id_] for id_ in sorted(subjects(event)) if id_ in self._blocked), None)
        if root is None:
            return False
        self.aside.append(row._replace(waits_for=root))
        self._block(self.aside[-1])
        return True

    def set_aside(self, row: Waiting, event: Event, error: Exception) -> None:
        """Set an event aside because its decision failed."""
        self.aside.append(row._replace(waits_for=event.evt, trace=_trace(error)))
        self._block(self.aside[-1])

    def _block(self, row: Waiting) -> None:
        try:
            event = _read(row.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        for id_ in subjects(event):
            self._blocked.setdefault(id_, row.waits_for or row.evt)


async def _command(pool: asyncpg.Pool, ws: str, said: _Said, *, dry_run: bool) -> Entry:
    real_now = _real_now()
    again, said.again = said.again, True
    async with pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=True)
        assert stream is not None  # noqa: S101 - it was waited for
        if again and (decided := await log.of(conn, ws, said.evt)):
            return decided
        now = stream.now(real_now)
        event = said.make(Stamp(evt=said.evt, source=said.source, occurred_at=now, accepted_at=now))
        content = said.content or _content(event)
        if said.key is not None and (known := await undecided.find(conn, ws, said.source, said.key)):
            return await _repeat(conn, ws, known, content)
        actor = await _present(conn, ws, said.actor)
        due = [timer_event(timer) for timer in await timers.due(conn, ws, max(now, stream.as_of), EVENTS)]
        if len(due) == EVENTS:
            raise _Behind
        as_of = max(now, stream.as_of)
        batch = Batch(stream, await load(conn, ws, [*due, event], actor, as_of), due)
        try:
            entry = batch.take(event, actor)
        except EndOfBatch:
            raise _Behind from None
        if dry_run:
            raise _DryRun(entry)
        if said.key is not None:
            row = Waiting(said.source, said.key, said.evt, msgspec.json.encode(event))
            await undecided.add(conn, ws, row, str(event.__struct_config__.tag), content, entry.position)
        for timer, error in batch.broken:
            await undecided.add(conn, ws, _broken_timer(timer, error), "timer.due", b"", None)
        await persist(conn, ws, stream, batch, real_now)
        if said.also is not None:
            await said.also(conn, entry)
        return entry


async def _repeat(conn: asyncpg.Connection, ws: str, known: undecided.Stored, content: bytes) -> Entry:
    """Give the stored answer of a command that came before."""
    if known.content != content:
        raise CommandConflictError(known.evt)
    entry = await log.of(conn, ws, known.evt)
    if entry is None:
        raise AssertionError(f"command {known.evt} is stored and not decided")
    return entry


async def _present(conn: asyncpg.Connection, ws: str, actor: Actor) -> Actor:
    """Give a member the roles and limits that the workspace knows now; only the first member comes with roles of its own."""
    if actor.kind != "member":
        return actor
    members = {member.id: member for member in await entities.every(conn, ws, Member)}
    if not members:
        return actor
    known = members.get(actor.id)
    return replace(actor, roles=known.roles if known else (), limits=known.limits if known else {})


def _content(event: Event) -> bytes:
    """Digest of what a command says, whenever it says it."""
    return sha256(canonical.encode(replace(event, evt="", source="", occurred_at=0, accepted_at=0))).digest()


def _broken_timer(event: TimerDue, error: Exception) -> Waiting:
    return Waiting("timer", event.timer, event.evt, msgspec.json.encode(event), event.evt, _trace(error))


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-8000:]


def _real_now() -> int:
    return time.time_ns() // 1_000
