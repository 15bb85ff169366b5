"""Verifications that run beside the requests of a server: one at a time, each in a thread with a connection of its own.

What is known of them is this process's, and is gone with it: a verification can always be run again. Must not know: HTTP, who asks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct

from goodword.app.bounded import Bounded
from goodword.app.engine import Clock
from goodword.app.proof import audit
from goodword.app.proof.audit import Report
from goodword.store.pool import open_pool
from goodword.store.vault import Vault

#: Entries of a log that a server verifies; of a longer one ``goodword verify`` does it, in a process of its own.
MOST: Final = 500_000
_WORKSPACES = 1_000

_log = logging.getLogger(__name__)


class Check(Struct):
    """A verification. ``state``: waits for another's end, reads the log, compares what follows from it, done, or failed.

    ``position``: entries that were read, of ``size``. Instants are of the real clock. ``report``: of one that is done.
    """

    by: str
    started_at: int
    size: int
    state: Literal["waits", "reads", "compares", "done", "failed"] = "waits"
    position: int = 0
    ended_at: int | None = None
    report: Report | None = None

    @property
    def is_running(self) -> bool:
        """Whether it has no result yet."""
        return self.ended_at is None


class _Stopped(Exception):
    """The server ends."""


class Checks:
    """The verifications of a process. ``dsn``: the address of the database; without it there are none."""

    def __init__(self, clock: Clock, vault: Vault, dsn: str | None) -> None:
        self._clock = clock
        self._vault = vault
        self._dsn = dsn
        self._known: Bounded[str, Check] = Bounded(_WORKSPACES, lambda check: check.is_running)
        self._tasks: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()
        self._stopping = False

    @property
    def possible(self) -> bool:
        """Whether this process can verify."""
        return self._dsn is not None

    def of(self, ws: str) -> Check | None:
        """Return the verification that runs, or ran last; None: none did since the process began."""
        return self._known.get(ws)

    def start(self, ws: str, by: str, size: int, erased: Iterable[str]) -> Check:
        """Begin one, or return the one that runs."""
        known = self.of(ws)
        if known is not None and known.is_running:
            return known
        check = self._known.put(ws, Check(by, self._clock.now(), size))
        task = asyncio.get_running_loop().create_task(self._run(ws, check, set(erased)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return check

    async def stop(self) -> None:
        """Let those that run end without a result."""
        self._stopping = True
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, ws: str, check: Check, erased: set[str]) -> None:
        async with self._one:
            try:
                report = await asyncio.to_thread(self._verify, ws, check, erased)
            except _Stopped:
                check.state = "failed"
            except Exception:  # noqa: BLE001 - whatever it is, it is told as failed, and why is logged
                _log.exception("a verification could not be done in %s", ws)
                check.state = "failed"
            else:
                check.report, check.state = report, "done"
            check.ended_at = self._clock.now()

    def _verify(self, ws: str, check: Check, erased: set[str]) -> Report:
        """In a thread: the loop of the server goes on meanwhile."""

        def read(position: int) -> None:
            if self._stopping:
                raise _Stopped
            check.position = position
            check.state = "compares" if position >= check.size else "reads"

        async def verify() -> Report:
            assert self._dsn is not None  # noqa: S101 - ``possible`` was asked
            async with await open_pool(self._dsn, size=1, read_only=True) as pool:
                return await audit.verify(pool, ws, safe=self._vault, erased=erased, read=read)

        read(0)
        return asyncio.run(verify())
