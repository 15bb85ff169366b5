"""Loops that decide what waits, fire timers, do jobs, follow the log, tell endpoints, sign heads, add partitions, until told to stop.

A workspace is decided by whoever gets its lock; nobody waits for it. A job is done by whoever has its lease. A loop that
fails says so and goes on: the database may be away for a while. Must not know: what is decided, what a job does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence

import asyncpg

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind
from goodword.app.follow.registry import REGISTRY
from goodword.app.intake.deliveries import DAYS
from goodword.app.write.process import Tell, process
from goodword.core import calendar, standing
from goodword.core.entry import Entry
from goodword.core.events import TouchesRecorded
from goodword.store import health, jobs, kept, log, portal, rejections, sources, workspaces
from goodword.store.migrations import add_partitions
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.vault import Vault
from goodword.worker.followers import Followers
from goodword.worker.jobs import Jobs
from goodword.worker.webhooks import Deliver, Webhooks

LOOK = 0.2  # seconds between looks for work of other processes, and for timers
HEADS = 1.0
MINUTE = 60.0  # seconds between looks whether a member is to be mailed, and whether a program's feeds are silent
AT_ONCE = 4  # workspaces that are decided at once: connections of the pool of ten are left for requests
BEAT = 2.0  # seconds between signs of life, far below those after which a worker counts as gone (app/health)
PRUNE = 600.0
KEPT = 7 * 86_400_000_000  # microseconds that a job is kept after it was done
COUNTED = 90  # days that is kept what sources delivered
_PRUNED = 1_000  # jobs that are forgotten in one transaction
PARTITIONS = 86_400.0
_AFTER_FAILURE = 1.0
_SIGNING = 10_000  # workspaces whose signing keys are kept
_HEAP = 50  # fewer blocks of clicks than this in a batch: none are left behind; more: the next batch runs at once

_log = logging.getLogger(__name__)


class Worker:
    """All loops of one process. ``kinds``: the jobs that it does. ``owner``: address of the database as its owner.

    ``tell`` is called with what was decided; ``deliver`` makes a round of an endpoint: without it none is told anything;
    ``minutely``: what is looked at once a minute, such as what members are to be told.
    """

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        kinds: Mapping[str, Kind],
        owner: str | None = None,
        tell: Tell | None = None,
        deliver: Deliver | None = None,
        minutely: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._engine = engine
        self._pool = engine.pool
        self._clock = engine.clock
        self._vault = vault
        self._owner = owner
        self._tell = tell
        self._minutely = minutely
        self._jobs = Jobs(engine, kinds)
        self._followers = Followers(engine, REGISTRY)
        self._webhooks = Webhooks(engine, deliver) if deliver is not None else None
        self._id = secrets.token_hex(8)
        self._named = False  # whether the master key is written down
        self._woken: set[str] = set()
        self._deciding: set[str] = set()  # workspaces in hand
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._looked = -math.inf
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._signing: Bounded[str, bytes] = Bounded(_SIGNING)

    def wake(self, ws: str) -> None:
        """Say that a workspace has work: a hint from the same process, so that nobody waits for the next look."""
        self._woken.add(ws)
        if ws not in self._deciding:  # who has it in hand looks once more
            self._wake.set()

    def stop(self) -> None:
        """Let every loop end after what it is doing."""
        self._stopping.set()
        self._wake.set()
        self._jobs.stop()
        self._followers.stop()
        if self._webhooks is not None:
            self._webhooks.stop()

    async def run(self) -> None:
        """Run until ``stop``, or until cancelled."""
        try:
            await self._run()
        finally:
            with contextlib.suppress(*DATABASE_ERRORS, OSError):
                async with self._pool.acquire(timeout=1) as conn:
                    await health.ended(conn, self._id)

    async def beat(self) -> None:
        """Give a sign of life that every process can see."""
        async with self._pool.acquire() as conn:
            if not self._named:
                await health.has_master(conn, self._vault.id)
                self._named = True
            await health.beat(conn, self._id)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._every(BEAT, self.beat))
            tasks.create_task(self._decide(tasks))
            tasks.create_task(self._jobs.run())
            tasks.create_task(self._followers.run())
            if self._webhooks is not None:
                tasks.create_task(self._webhooks.run())
            for look in self._minutely:
                tasks.create_task(self._every(MINUTE, look))
            tasks.create_task(self._every(HEADS, self.sign_heads))
            tasks.create_task(self._every(PRUNE, self.prune_jobs))
            tasks.create_task(self._every(PRUNE, self.forget_rejections))
            tasks.create_task(self._every(PRUNE, self.forget_counts))
            tasks.create_task(self._every(PRUNE, self.forget_kept))
            tasks.create_task(self._every(PRUNE, self.forget_links))
            if self._owner is not None:
                tasks.create_task(self._every(PARTITIONS, self._add_partitions))

    async def decide(self) -> int:
        """Decide a batch of each workspace that has work, side by side; return how many events and timers moved on."""
        return sum([moved for moved, _ in await asyncio.gather(*map(self._batch, await self._with_work()))])

    async def sign_heads(self) -> None:
        """Sign the head of every log that has grown, side by side; one that fails stops no other."""
        async with self._pool.acquire() as conn:
            grown = await workspaces.with_new_entries(conn)
        failed = [error for error in await asyncio.gather(*map(self._sign, grown), return_exceptions=True) if error]
        if failed:
            raise failed[0]

    async def do_jobs(self) -> int:
        """Do a group of each kind of job that is due, workspaces side by side; return how many jobs were begun."""
        return await self._jobs.once()

    async def follow(self) -> int:
        """Let each follower take a batch of each workspace; return how many entries they were."""
        return await self._followers.once()

    async def prune_jobs(self) -> None:
        """Forget jobs that were done long ago, a bounded number in a transaction; what was given up stays."""
        before = self._clock.now() - KEPT
        async with self._pool.acquire() as conn:
            for ws in await workspaces.with_done_jobs(conn, before):
                while not self._stopping.is_set() and await jobs.prune(conn, ws, before, _PRUNED) == _PRUNED:
                    pass

    async def forget_rejections(self) -> None:
        """Forget what was sent and refused long ago."""
        async with self._pool.acquire() as conn:
            await rejections.expire(conn, self._clock.now() - DAYS * calendar.DAY)

    async def forget_counts(self) -> None:
        """Forget what sources delivered long ago."""
        async with self._pool.acquire() as conn:
            await sources.expire(conn, self._clock.now() // calendar.DAY - COUNTED)

    async def forget_kept(self) -> None:
        """Throw away what sources delivered and was kept for its days, with the keys of those days."""
        async with self._pool.acquire() as conn:
            await kept.expire(conn, self._clock.now())

    async def forget_links(self) -> None:
        """Throw away links to the portal that are over, with what somebody said who asked to join."""
        async with self._pool.acquire() as conn:
            await portal.expire(conn, self._clock.now())

    async def _with_work(self) -> list[str]:
        """Return the woken; all that have work if nobody was woken, or a look is due."""
        woken = self._woken - self._deciding
        self._woken -= woken
        self._wake.clear()
        if woken and self._clock.monotonic() - self._looked <= LOOK:
            return sorted(woken)
        self._looked = self._clock.monotonic()
        async with self._pool.acquire() as conn:
            return list(dict.fromkeys([*sorted(woken), *await workspaces.with_work(conn, self._clock.now())]))

    async def _batch(self, ws: str) -> tuple[int, bool]:
        """Decide a batch of a workspace; return how many moved on, and whether there may be more."""
        clicks = False

        def told(entries: Sequence[Entry]) -> None:
            nonlocal clicks
            clicks = 0 < len(entries) < _HEAP and all(isinstance(entry.event, TouchesRecorded) for entry in entries)
            if any(standing.approves(verdict) for entry in entries for verdict in entry.verdicts):
                self._jobs.soon()  # what was approved beforehand is to arrive at once
            if self._tell is not None:
                self._tell(entries)

        try:
            async with self._slots:
                moved = await process(self._engine, ws, tell=told)
        except Exception:  # noqa: BLE001 - one workspace's trouble must not stop the others
            _log.exception("deciding failed in %s", ws)
            return 0, False
        return (
            moved,
            moved > 0 and not clicks,
        )  # blocks of clicks come as fast as they are decided, and nobody waits for them

    async def _decide(self, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            try:
                for ws in await self._with_work():
                    if ws in self._deciding:
                        continue
                    self._deciding.add(ws)
                    tasks.create_task(self._go_on(ws))
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("looking for work failed")
                await self._pause(_AFTER_FAILURE)
            if not self._stopping.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK)

    async def _go_on(self, ws: str) -> None:
        """Decide batch after batch of a workspace until nothing waits; the others have their turn between two of them."""
        try:
            more = True
            while (more or ws in self._woken) and not self._stopping.is_set():
                self._woken.discard(ws)
                _, more = await self._batch(ws)
        finally:
            self._deciding.discard(ws)

    async def _sign(self, ws: str) -> None:
        async with self._slots, self._pool.acquire() as conn:
            await log.sign(conn, ws, await self._signing_key(conn, ws))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[int | None]]) -> None:
        """Do work for ever, with a pause when it says that it found none."""
        while not self._stopping.is_set():
            done = None
            try:
                done = await work()
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("%s failed", getattr(work, "__qualname__", work))  # a partial has no name of its own
                await self._pause(_AFTER_FAILURE)
            if not done:
                await self._pause(seconds)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _signing_key(self, conn: asyncpg.Connection, ws: str) -> bytes:
        known = self._signing.get(ws)
        if known is None:
            workspace = await workspaces.find(conn, self._vault, ws)
            if workspace is None:
                raise LookupError(f"there is no workspace {ws}")
            known = self._signing.put(ws, workspace.keys.signing)
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
