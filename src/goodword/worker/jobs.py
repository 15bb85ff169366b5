"""Jobs that are due are done in groups, those of all workspaces side by side; who hangs holds its own slots and nobody else's.

Must not know: what a job does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from goodword.app.engine import Engine
from goodword.app.follow.kinds import Kind
from goodword.store import jobs, workspaces
from goodword.store.jobs import Leased, NotBegunError, SaidError

LOOK = 0.5  # seconds between looks for jobs that are due
SOON = 0.05  # seconds after which jobs are looked for that somebody waits for: what is written meanwhile goes with them
ENDS_WITHIN = (
    10.0  # seconds that groups in hand get when the worker is told to stop; their jobs are whole, or asked for later
)
_AFTER_FAILURE = 1.0

_log = logging.getLogger(__name__)


class Jobs:
    """Does jobs of these kinds, by name; those of other kinds are left to a process that knows them."""

    def __init__(self, engine: Engine, kinds: Mapping[str, Kind]) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._kinds = kinds
        self._queues = [kind.queue.name for kind in kinds.values()]
        self._held: Counter[tuple[str, ...]] = (
            Counter()
        )  # groups in hand: of a queue, and of a queue, workspace and kind
        self._again = asyncio.Event()
        self._soon: asyncio.TimerHandle | None = None
        self._stopping = False
        self._last = ""  # the workspace whose group was begun last: the next look begins behind it

    def soon(self) -> None:
        """Look for jobs within a moment: some were just written that somebody waits for."""
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._look)

    def _look(self) -> None:
        self._soon = None
        self._again.set()

    def stop(self) -> None:
        """Let ``run`` end after what it is doing."""
        self._stopping = True
        self._again.set()

    async def run(self) -> None:
        """Do what is due until ``stop``; what is in hand then is ended after a while, and its lease with it."""
        async with asyncio.TaskGroup() as groups:
            in_hand = set[asyncio.Task[None]]()
            while not self._stopping:
                self._again.clear()
                pause = LOOK
                try:
                    for ws, kind in await self._due():
                        if self._take(ws, kind):
                            group = groups.create_task(self._serve(ws, kind))
                            in_hand.add(group)
                            group.add_done_callback(in_hand.discard)
                except Exception:  # noqa: BLE001 - the loop goes on
                    _log.exception("looking for jobs failed")
                    pause = _AFTER_FAILURE
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._again.wait(), pause)
            if in_hand:
                _, slow = await asyncio.wait(in_hand, timeout=self._clock.patience(ENDS_WITHIN))
                for group in slow:
                    _log.warning("a group of jobs did not end in time; whoever takes its jobs asks what became of them")
                    group.cancel()

    async def once(self) -> int:
        """Do one group of each kind that is due, workspaces side by side; return how many jobs were begun."""
        due: dict[str, list[str]] = {}
        for ws, kind in await self._due():
            due.setdefault(ws, []).append(kind)

        async def of(ws: str) -> int:
            return sum([await self._group(ws, kind) for kind in due[ws]])

        return sum(await asyncio.gather(*map(of, due)))

    async def _due(self) -> list[tuple[str, str]]:
        """Return workspaces and kinds with jobs that are due, those behind the workspace that was served last first."""
        async with self._pool.acquire() as conn:
            rows = await workspaces.with_jobs(conn, self._clock.now(), self._queues, list(self._kinds))
        return sorted(rows, key=lambda due: (due[0] <= self._last, due))

    def _take(self, ws: str, kind: str) -> bool:
        """Take a slot, if one is free."""
        queue = self._kinds[kind].queue
        own = queue.name, ws, kind
        if self._held[queue.name,] >= queue.slots or self._held[own] >= queue.each:
            return False
        self._held[queue.name,] += 1
        self._held[own] += 1
        self._last = ws
        return True

    def _give_back(self, ws: str, kind: str) -> None:
        queue = self._kinds[kind].queue
        own = queue.name, ws, kind
        was_full = self._held[queue.name,] >= queue.slots
        self._held[queue.name,] -= 1
        self._held[own] -= 1
        if not self._held[own]:
            del self._held[own]
        if was_full:  # somebody may have found no slot
            self._again.set()

    async def _serve(self, ws: str, kind: str) -> None:
        try:
            if await self._group(ws, kind) == self._kinds[kind].most:
                self._again.set()  # there are more
        except Exception:  # noqa: BLE001 - the others go on; whose lease ends is found again
            _log.exception("jobs of %s were left behind in %s", kind, ws)
        finally:
            self._give_back(ws, kind)

    async def _group(self, ws: str, name: str) -> int:
        """Do a group of jobs; return how many were begun: what is left for later is not looked for again at once."""
        kind = self._kinds[name]
        now = self._clock.now()
        async with self._pool.acquire() as conn:
            leased = await jobs.lease(conn, ws, kind.queue.name, name, now, now + kind.lease, kind.most)
        return await self._do(ws, kind, leased) if leased else 0

    async def _do(self, ws: str, kind: Kind, leased: Sequence[Leased]) -> int:
        failed: Mapping[Leased, Exception]
        try:
            async with asyncio.timeout(self._clock.patience(kind.within)):
                failed = await kind.do(ws, leased)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is kept with the jobs
            failed = dict.fromkeys(leased, error)
        for job, why in failed.items():
            if isinstance(why, SaidError):
                _log.warning("a job is not done: %s: %s", job.kind, why)
            elif not isinstance(why, NotBegunError):
                _log.error("a job failed: %s %s", job.kind, job.id, exc_info=why)
        async with self._pool.acquire() as conn:
            await jobs.done(conn, ws, [job for job in leased if job not in failed], self._clock.now())
            await jobs.failed(conn, ws, failed, self._clock.now(), kind.retry)
        return len(leased) - sum(isinstance(why, NotBegunError) for why in failed.values())
