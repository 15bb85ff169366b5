"""Whether an installation is well: what keeps it from being ready, and the figures that an operator watches.

Everybody may ask whether it is ready, so no answer names a workspace, and questions at once are one look.
Must not know: HTTP, how figures are written.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import asyncpg

from goodword.app import rotation
from goodword.app.directory import Directory
from goodword.core import calendar
from goodword.store import health, routes
from goodword.store.health import JobsOf, KeyAge, Unsigned
from goodword.store.migrations import TOO_OLD, beyond, pending
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.vault import MasterKeyError

#: Seconds without a sign of life after which a worker counts as gone; it gives one every two (``worker/loops``).
ALIVE = 15.0
LATE = 60_000_000  # microseconds that a job has been due for somebody to look
_PATIENCE = 2.0  # seconds for a connection, when asked whether it is ready


class Trouble(NamedTuple):
    """Something that keeps the installation from being ready. ``code`` is stable; ``detail`` says what to do."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """``lag``: seconds that an event may wait to be decided; ``free``: bytes that each of ``folders`` must have left."""

    lag: float
    free: int
    folders: Sequence[Path]


class Figures(NamedTuple):
    """What there is to watch. ``lag``: seconds that the oldest event has waited.

    ``overdue``: rewards behind the day by which they were promised to be decided, in each workspace counted up to ``routes.MOST``.
    """

    workers: int
    waiting: int
    aside: int
    lag: float
    jobs: Sequence[JobsOf]
    keys: Sequence[KeyAge]
    masters: dict[str, float]
    unsigned: Unsigned
    today: dict[str, int]
    overdue: int


class Health:
    """Looks at an installation."""

    def __init__(self, directory: Directory, bounds: Bounds) -> None:
        self.bounds = bounds
        self._directory = directory
        self._look: asyncio.Task[list[Trouble]] | None = None
        self._figures: asyncio.Task[Figures] | None = None

    async def troubles(self) -> list[Trouble]:
        """Return what keeps the installation from being ready; nothing: it is."""
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._troubles())
        return await asyncio.shield(self._look)

    async def figures(self) -> Figures:
        """Return the figures of the database. Raises what it raises."""
        if self._figures is None or self._figures.done():
            self._figures = asyncio.create_task(self._count())
        return await asyncio.shield(self._figures)

    def now(self) -> float:
        """Return the instant that the real clock shows, in seconds since 1970."""
        return self._directory.now() / 1_000_000

    def pools(self) -> dict[str, tuple[int, int, int]]:
        """Return connections that are used, idle, and at most, of the pools that write and that read."""
        pools = {"write": self._directory.pool, "read": self._directory.readers}
        return {
            name: (pool.get_size() - pool.get_idle_size(), pool.get_idle_size(), pool.get_max_size())
            for name, pool in pools.items()
            if pool is not None
        }

    def free(self) -> dict[str, int]:
        """Return the bytes that are left by folder, of those that are there."""
        return {str(path): shutil.disk_usage(path).free for path in self.bounds.folders if path.exists()}

    async def _troubles(self) -> list[Trouble]:
        try:
            async with asyncio.timeout(10), self._directory.pool.acquire(timeout=_PATIENCE) as conn:
                troubles = await self._of_database(conn)
        except (*DATABASE_ERRORS, OSError, TimeoutError):
            troubles = [Trouble("database_away", "the database does not answer")]
        return [*troubles, *self._of_disk()]

    async def _of_database(self, conn: asyncpg.Connection) -> list[Trouble]:
        troubles = [
            Trouble("schema_too_old", f"migration {name} is missing: run goodword migrate")
            for name in await pending(conn)
        ]
        if troubles:
            return troubles  # nothing else can be asked
        troubles = [Trouble("schema_too_new", TOO_OLD.format(name=name)) for name in await beyond(conn)]
        try:
            await rotation.opens(conn, self._directory.vault)
        except MasterKeyError as error:
            troubles.append(Trouble("master_key_wrong", str(error)))
        seen = await health.seen(conn)
        if seen is None or seen > ALIVE:
            what = "no worker lives" if seen is None else f"no worker has given a sign of life for {seen:.0f} s"
            troubles.append(Trouble("worker_missing", f"{what}: start goodword worker, or serve without --no-worker"))
        lag = self._lag(await health.oldest(conn))
        if lag > self.bounds.lag:
            troubles.append(Trouble("lag", f"an event has waited for {lag:.0f} s to be decided: see the worker's log"))
        return troubles

    def _of_disk(self) -> list[Trouble]:
        try:
            free = self.free()
        except OSError as error:
            return [Trouble("disk_unreadable", f"the disk cannot be looked at: {error.strerror}")]
        return [
            Trouble("disk_full", f"{left >> 20:,} MiB of disk are left: make room, GOODWORD_READY_DISK is the bound")
            for left in free.values()
            if left < self.bounds.free
        ][:1]

    def _lag(self, since: int | None) -> float:
        return 0.0 if since is None else max(0.0, (self._directory.now() - since) / 1_000_000)

    async def _count(self) -> Figures:
        now = self._directory.now()
        async with asyncio.timeout(30), self._directory.reading() as conn:
            waiting, aside = await health.waiting(conn)
            return Figures(
                workers=await health.workers(conn, ALIVE),
                waiting=waiting,
                aside=aside,
                lag=self._lag(await health.oldest(conn)),
                jobs=await health.jobs(conn, now, now - LATE),
                keys=await health.keys(conn),
                masters=await health.masters(conn),
                unsigned=await health.unsigned(conn),
                today=await health.figures(conn, calendar.utc_day(now), calendar.utc_day(now + calendar.DAY)),
                overdue=sum((await routes.overdue_of_all(conn, routes.MOST)).values()),
            )
