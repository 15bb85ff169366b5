"""Loops that decide what waits, fire timers, do jobs, sign heads and add partitions, until they are told to stop.

A workspace is decided by whoever gets its lock; nobody waits for it. A job is done by whoever has its lease. A loop that
fails says so and goes on: the database may be away for a while. Must not know: what is decided, what a job does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncpg

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.write.process import Tell, process
from goodword.core import calendar
from goodword.core.entry import Entry
from goodword.core.events import TouchesRecorded
from goodword.store import jobs, log, workspaces
from goodword.store.jobs import Leased, NotBegunError
from goodword.store.migrations import add_partitions
from goodword.store.vault import Vault

#: Does jobs of one kind: (workspace, jobs) -> what failed. An error is kept with its job, which is due again later.
Handler = Callable[[str, Sequence[Leased]], Awaitable[Mapping[Leased, Exception]]]

LOOK = 0.2  # seconds between looks for work of other processes, and for timers
HEADS = 1.0
JOBS = 0.5
PARTITIONS = 86_400.0
_AFTER_FAILURE = 1.0
_SIGNING = 10_000  # workspaces whose signing keys are kept
_HEAP = 50  # blocks of clicks in a batch that are no heap: with more of them there may be others left behind

_log = logging.getLogger(__name__)


class Worker:
    """All loops of one process. ``handlers``: kind of job -> what does it. ``owner``: address of the database as its owner.

    ``tell`` is called with what was decided.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        handlers: Mapping[str, Handler],
        owner: str | None = None,
        tell: Tell | None = None,
    ) -> None:
        self._engine = engine
        self._pool = engine.pool
        self._clock = engine.clock
        self._vault = vault
        self._handlers = handlers
        self._owner = owner
        self._tell = tell
        self._woken: set[str] = set()
        self._going: set[str] = set()  # workspaces of the last round that may have more
        self._looked = -math.inf
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._signing: Bounded[str, bytes] = Bounded(_SIGNING)

    def wake(self, ws: str) -> None:
        """Say that a workspace has work: a hint from the same process, so that nobody waits for the next look."""
        self._woken.add(ws)
        self._wake.set()

    def stop(self) -> None:
        """Let every loop end after what it is doing."""
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Run until ``stop``, or until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._decide())
            tasks.create_task(self._every(HEADS, self.sign_heads))
            tasks.create_task(self._every(JOBS, self.do_jobs))
            if self._owner is not None:
                tasks.create_task(self._every(PARTITIONS, self._add_partitions))

    async def decide(self) -> int:
        """Decide one batch of each workspace that has work; gives how many events and timers moved on.

        Those that were woken, and those that went on, need no look for others, until a look is due.
        """
        woken, self._woken = self._woken, set()
        going, self._going = self._going, set()
        self._wake.clear()
        found = sorted(woken | going)
        if not woken or self._clock.monotonic() - self._looked > LOOK:
            self._looked = self._clock.monotonic()
            async with self._pool.acquire() as conn:
                found = list(dict.fromkeys([*sorted(woken), *await workspaces.with_work(conn, self._clock.now())]))
        return sum([await self._decide_one(ws) for ws in found])

    async def _decide_one(self, ws: str) -> int:
        clicks = False

        def told(entries: Sequence[Entry]) -> None:
            nonlocal clicks
            clicks = 0 < len(entries) < _HEAP and all(isinstance(entry.event, TouchesRecorded) for entry in entries)
            if self._tell is not None:
                self._tell(entries)

        try:
            moved = await process(self._engine, ws, tell=told)
        except Exception:  # noqa: BLE001 - one workspace's trouble must not stop the others
            _log.exception("deciding failed in %s", ws)
            return 0
        if moved and not clicks:  # blocks of clicks come as fast as they are decided, and nobody waits for them
            self._going.add(ws)
        return moved

    async def sign_heads(self) -> None:
        """Sign the head of every log that has grown."""
        async with self._pool.acquire() as conn:
            for ws in await workspaces.with_new_entries(conn):
                await log.sign(conn, ws, await self._signing_key(conn, ws))

    async def do_jobs(self) -> int:
        """Do jobs that are due, some of each workspace; gives how many it had in hand."""
        async with self._pool.acquire() as conn:
            found = await workspaces.with_jobs(conn, self._clock.now())
        return sum([await self._do_some(ws) for ws in found])

    async def _do_some(self, ws: str) -> int:
        async with self._pool.acquire() as conn:
            leased = await jobs.lease(conn, ws, self._clock.now())
        if leased:
            await self._do(ws, leased)
        return len(leased)

    async def _do(self, ws: str, leased: Sequence[Leased]) -> None:
        failed: Mapping[Leased, Exception]
        try:
            failed = await self._handlers[leased[0].kind](ws, leased)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with the jobs
            failed = dict.fromkeys(leased, error)
        for job, why in failed.items():
            if not isinstance(why, NotBegunError):
                _log.error("a job failed: %s %s", job.kind, job.id, exc_info=why)
        async with self._pool.acquire() as conn:
            await jobs.done(conn, ws, [job for job in leased if job not in failed], self._clock.now())
            await jobs.failed(conn, ws, failed, self._clock.now())

    async def _decide(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.decide()
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("looking for work failed")
                await self._pause(_AFTER_FAILURE)
            if not self._going and not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int | None]]) -> None:
        """Do work for ever, with a pause when it says that it found none."""
        while not self._stopping.is_set():
            found = None
            try:
                found = await work()
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("%s failed", work.__name__)
                await self._pause(_AFTER_FAILURE)
            if not found:
                await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _signing_key(self, conn: asyncpg.Connection, ws: str) -> bytes:
        known = self._signing.get(ws)
        if known is None:
            found = await workspaces.find(conn, self._vault, ws)
            if found is None:
                raise LookupError(f"there is no workspace {ws}")
            known = self._signing.put(ws, found.keys.signing)
        return known

    async def _add_partitions(self) -> None:
        """Keep partitions of touches two years ahead, where this login may."""
        connection = await asyncpg.connect(self._owner)
        try:
            await add_partitions(connection, calendar.moment(self._clock.now()).date())
        except asyncpg.InsufficientPrivilegeError:
            _log.warning("this login may not add partitions of touches: run goodword migrate once a year")
        finally:
            await connection.close()


async def run_alone(worker: Worker) -> None:
    """Run a worker as a process of its own: SIGTERM and SIGINT let it end what it is doing."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    await worker.run()
