"""THE write path: everything that changes a workspace goes through here, in one transaction that holds its lock.

    lock the workspace's stream -> read what is undecided -> load -> decide each, timers in between -> persist -> commit

``process`` decides what waits in the inbox and the timers that are due; ``commands`` goes the same way with what a person (or a
worker with a provider's answer) says, at once. An event on which decide raises is set aside with its trace, and the later events of its
customer, invoice or payout wait behind it until ``retry_quarantine``. Must not know: rules, SQL, HTTP.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import asyncpg
import msgspec

from goodword.app.engine import Clock, Engine
from goodword.app.write import cache, persist
from goodword.app.write.batch import Batch, EndOfBatch, timer_event
from goodword.app.write.loader import load
from goodword.core.entry import Entry
from goodword.core.events import AnyEvent, Event, TimerDue
from goodword.core.run import instant
from goodword.core.subjects import subjects
from goodword.store import log, timers, undecided
from goodword.store.log import Stream
from goodword.store.pool import plan_afresh
from goodword.store.undecided import Waiting
from goodword.store.uuid7 import new_id

EVENTS = 1_000
SECONDS = 0.1
TRIES = 5
#: Seconds of deciding after which others of the same process get their turn: requests, and who writes. Without it a request that wants
#: its turn waits 68 ms at the 99th percentile instead of 15, and a batch takes half as long again; 2 ms instead: 1.1 ms at the median
#: instead of 0.15. Processor time is the same with all of them (6,000 events, two busy cores).
_BREATH = 0.0005
#: Rounds of the loop in a turn: what the database answered is read, its waiter wakes, and the next statement is on its way. With one
#: alone a request waits 0.57 ms at the median instead of 0.15.
_TURNS = 3
_PAUSE = 0.02
#: Seconds in which what was accepted before a command that takes away must be decided.
PATIENCE = 20.0
#: Events beyond which plans that suit the tables of today are worth being made: before PostgreSQL 17 a kept one may read a workspace
#: whole (tests/store/test_plans.py counts the rows); from 17 on neither way costs processor time that could be seen.
_MANY = 50

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

T = TypeVar("T")
Tell = Callable[[Sequence[Entry]], None]
_log = logging.getLogger(__name__)
_read = msgspec.json.Decoder(AnyEvent).decode


class BehindError(Exception):
    """What was accepted before a command is not decided in time, and the command takes away: nothing of it was said."""


async def process(
    engine: Engine, ws: str, *, limit: int = EVENTS, real_now: int | None = None, tell: Tell | None = None
) -> int:
    """Decide what waits: at most ``limit`` events or 100 ms of them. Gives how many events and timers moved on.

    0: nothing waits, or another process has the lock. ``real_now``: an instant of the real clock, for tests. ``tell`` is called
    with the entries once they are committed.
    """
    try:
        return await trying(engine.clock, lambda: _process(engine, ws, limit, real_now or engine.clock.now(), tell))
    except (*TRANSIENT, asyncpg.SyntaxOrAccessError):
        raise  # an error of syntax or access: the schema is not this version's, or a right is missing
    except Exception as error:  # noqa: BLE001 - whatever it is, one event or timer is to blame
        _log.exception("a batch of %s failed as a whole", ws)
        if limit > 1:  # alone it shows
            return await process(engine, ws, limit=1, real_now=real_now, tell=tell)
        return await trying(engine.clock, partial(_set_first_aside, engine, ws, error))


async def drain(engine: Engine, ws: str) -> int:
    """Decide until nothing waits and no timer is due; returns how many moved on."""
    total = 0
    while done := await process(engine, ws):
        total += done
    return total


async def drain_until(engine: Engine, ws: str, evt: str) -> None:
    """Decide what waits up to ``evt``, by whomever; what is set aside waits on. Raises BehindError if it takes longer than 20 s."""
    late = engine.clock.monotonic() + engine.clock.patience(PATIENCE)
    while True:
        async with engine.pool.acquire() as conn:
            if not await undecided.until(conn, ws, evt):
                return
        if engine.clock.monotonic() > late:
            raise BehindError
        if not await process(engine, ws):  # another one decides
            await engine.clock.sleep(_PAUSE)


async def quarantined(pool: asyncpg.Pool, ws: str) -> list[Waiting]:
    """Return what is set aside, with its trace, and what waits behind it, in order."""
    async with pool.acquire() as conn:
        return await undecided.waiting(conn, ws)


async def retry_quarantine(engine: Engine, ws: str, evt: str) -> int:
    """Let an event that was set aside, and those behind it, be decided again, in order; returns how many they are."""
    async with engine.pool.acquire() as conn, conn.transaction():
        await log.lock(conn, ws, wait=True)
        count = await undecided.release(conn, ws, evt)
    await drain(engine, ws)
    return count


async def trying(clock: Clock, attempt: Callable[[], Awaitable[T]]) -> T:
    """Make a transaction, again if it failed for a reason that passes; it must bear that its commit was not heard of."""
    for tries in range(1, TRIES + 1):
        try:
            return await attempt()
        except TRANSIENT as error:
            if tries == TRIES:
                raise
            _log.warning("the write path tries again: %s", type(error).__name__)
            await clock.sleep(_PAUSE * 4**tries)
    raise AssertionError("unreachable")


async def _process(engine: Engine, ws: str, limit: int, real_now: int, tell: Tell | None) -> int:
    async with engine.pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=False)
        step = await _step(engine, conn, ws, stream, limit, real_now) if stream is not None else None
    if step is None:
        return 0
    engine.cache.keep(ws, step.here, step.batch.loaded.state, step.end)
    engine.recent.keep(ws, step.batch.entries, step.batch.changes.figures)
    engine.live.grown(ws)
    if tell is not None:
        tell(step.batch.entries)
    return len(step.batch.entries) + step.aside


async def tried(engine: Engine, ws: str, accept: Callable[[asyncpg.Connection], Awaitable[T]]) -> tuple[T, list[Entry]]:
    """Decide what ``accept`` stores, behind all that waits, in one transaction, and take all of it back.

    Returns what it gave, and the entries as they would stand in the log. What waits is decided before, for good, so that the
    workspace's lock is held for what ``accept`` stores: few may come, and what takes longer than 20 s is not told. Raises BehindError.
    """
    async with engine.pool.acquire() as conn:
        newest = await undecided.newest(conn, ws)
    if newest is not None:
        await drain_until(engine, ws, newest)
    return await trying(engine.clock, lambda: _tried(engine, ws, accept))


async def _tried(
    engine: Engine, ws: str, accept: Callable[[asyncpg.Connection], Awaitable[T]]
) -> tuple[T, list[Entry]]:
    async with engine.pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        try:
            stream = await log.lock(conn, ws, wait=True)
            late = engine.clock.monotonic() + engine.clock.patience(PATIENCE)
            given = await accept(conn)
            last = new_id("evt")  # what others accept from now on is not waited for
            entries: list[Entry] = []
            while (
                stream is not None
                and await undecided.until(conn, ws, last)
                and engine.clock.monotonic() < late
                and (step := await _step(engine, conn, ws, stream, EVENTS, engine.clock.now()))
            ):
                entries += step.batch.entries
                stream = await log.lock(conn, ws, wait=True)
            return given, entries
        finally:
            await transaction.rollback()


class _Step(NamedTuple):
    """A batch that is decided and written, and not committed yet. ``aside``: how many were set aside."""

    batch: Batch
    here: cache.Cached
    end: log.End
    aside: int


async def _step(
    engine: Engine, conn: asyncpg.Connection, ws: str, stream: Stream, limit: int, real_now: int
) -> _Step | None:
    """Decide what waits under the lock, and write it; None: nothing waits."""
    limit = min(limit, engine.paces.get(ws) or limit)
    waiting, aside = await undecided.fetch(conn, ws, limit)
    queue = _Queue(aside)
    events = queue.read(waiting)
    now = stream.now(real_now)
    horizon = max([stream.as_of, *(event.accepted_at for _, event in events)], default=0)
    if len(waiting) < limit:
        horizon = max(horizon, now)
    due = await timers_due(conn, ws, stream, horizon, limit)
    if not waiting and not due:
        return None
    if len(events) > _MANY:
        await plan_afresh(conn)
    here = engine.cache.at(ws, stream.frontier)
    loaded = await load(engine, conn, ws, [*due, *(event for _, event in events)], here, as_of=stream.as_of)
    batch = Batch(stream, loaded, due)
    until = due[-1].due_at if len(due) == limit else None  # later timers are not known to this batch
    pace = _Pace(engine.clock)
    await _decide_all(batch, queue, events, until, now if len(waiting) < limit else None, pace)
    engine.paces.put(ws, max(1, int(len(batch.entries) * SECONDS / max(pace.spent, 1e-6))))
    await undecided.set_aside(conn, ws, queue.aside)
    for event, error in batch.broken:
        await undecided.add(conn, ws, broken_timer(event, error), "timer.due")
    end = await persist.persist(conn, ws, stream, batch.changes, real_now, here.loose)
    return _Step(batch, here, end, len(queue.aside) + len(batch.broken))


async def timers_due(conn: asyncpg.Connection, ws: str, stream: Stream, until: int, limit: int) -> list[TimerDue]:
    """Return the events of the timers due at or before ``until``; the end of the log tells whether there is any to ask for."""
    if stream.next_due is None or stream.next_due > until:
        return []
    return [timer_event(timer) for timer in await timers.due(conn, ws, until, limit)]


async def _set_first_aside(engine: Engine, ws: str, error: Exception) -> int:
    """Set aside what comes first, the timer or the event, because not even its transaction could be made."""
    async with engine.pool.acquire() as conn, conn.transaction():
        stream = await log.lock(conn, ws, wait=True)
        assert stream is not None  # noqa: S101 - it was waited for
        queue = _Queue([])
        [*waiting], _ = await undecided.fetch(conn, ws, 1)
        events = queue.read(waiting)
        horizon = max([stream.as_of, *(event.accepted_at for _, event in events)]) if events else engine.clock.now()
        due = await timers.due(conn, ws, horizon, 1)
        if due:
            timer = timer_event(due[0])
            await undecided.add(conn, ws, broken_timer(timer, error), "timer.due")
        for row, event in [] if due else events:
            queue.set_aside(row, event, error)
        await undecided.set_aside(conn, ws, queue.aside)
    return 1


async def _decide_all(
    batch: Batch,
    queue: _Queue,
    events: list[tuple[Waiting, AnyEvent]],
    until: int | None,
    now: int | None,
    pace: _Pace,
) -> None:
    """Decide events in order, timers in between and up to ``now`` at the end.

    Ends early after 100 ms of its own processor time, at an event behind ``until``, and at one that was not loaded for.
    """
    try:
        for row, event in events:
            if pace.is_long:
                await pace.away(_turns())
            if pace.spent > SECONDS and batch.entries:
                return
            if until is not None and instant(batch.as_of, event.accepted_at) >= until:
                batch.fire(until)
                return
            if queue.waits(row, event):
                continue
            try:
                batch.take(event)
                batch.changes.done.append(row.evt)
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
    finally:
        pace.look()


class _Pace:
    """What deciding takes, and turns for the requests of the same process in between.

    ``spent``: seconds of processor time, so that what others take meanwhile makes no batch smaller. It is looked at once in a
    while: to ask for it costs as much as a tenth of an event.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.spent = 0.0
        self._begun = self._clock.spent()
        self._breath = self._clock.monotonic()

    @property
    def is_long(self) -> bool:
        """Whether it is time to give others their turn."""
        return self._clock.monotonic() - self._breath > _BREATH

    async def away(self, others: Awaitable[None]) -> None:
        """Wait for others: what they take is not ours."""
        self.look()
        await others
        self._begun, self._breath = self._clock.spent(), self._clock.monotonic()

    def look(self) -> None:
        """See what was spent since the last turn of others."""
        now = self._clock.spent()
        self.spent, self._begun = self.spent + now - self._begun, now


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)


class _Queue:
    """The quarantine: what stands aside, what must wait behind it, and what this batch adds to both."""

    def __init__(self, before: list[Waiting]) -> None:
        self.aside: list[Waiting] = []
        self._blocked: dict[str, str] = {}
        for row in before:
            self._block(row)

    def read(self, rows: list[Waiting]) -> list[tuple[Waiting, AnyEvent]]:
        """Return the events of rows; one that cannot be read is set aside."""
        events = []
        for row in rows:
            try:
                events.append((row, _read(row.body)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                self.aside.append(row._replace(waits_for=row.evt, trace=_trace(error)))
        return events

    def waits(self, row: Waiting, event: Event) -> bool:
        """Put the event behind what it must wait for, if there is anything."""
        if not self._blocked:
            return False
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


def broken_timer(event: TimerDue, error: Exception) -> Waiting:
    """Return the row of a timer whose decision failed: it is set aside."""
    return Waiting("timer", event.timer, event.evt, msgspec.json.encode(event), event.evt, _trace(error))


def _trace(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-8000:]
