"""What came is kept as it came where the workspace chose so: path and body, sealed, for some days.

Of headers none is kept but the one that a source reads beside the body. It is written before the answer and after what it says was
stored. That it could not be kept costs nobody their delivery.
Must not know: HTTP, SQL, what a body says.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from goodword.app.bounded import Bounded
from goodword.app.engine import Engine
from goodword.app.intake.group_commit import WORKSPACES, GroupCommit, UnavailableError, busy
from goodword.sources.base import Request
from goodword.store import kept
from goodword.store.api_keys import without_keys
from goodword.store.kept import Delivery
from goodword.store.uuid7 import new_id
from goodword.store.workspaces import Workspace

_LARGEST: Final = 100  # deliveries that one transaction keeps
_HEADER: Final = 200  # letters of a header
_CAPACITY: Final = 2_000  # that may wait in a process, of a source

_log = logging.getLogger(__name__)


class Keeping:
    """Keeps deliveries, those of a source that come at once in one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._buffers: Bounded[tuple[str, str], GroupCommit[Delivery, None]] = Bounded(WORKSPACES, busy)

    async def keep(self, ws: Workspace, source: str, sender: str, request: Request, beside: bytes = b"") -> None:
        """Keep a request. Keys of ours that stand in its body, as some clients write them, are left out.

        ``beside``: the header that its source reads, which says when some of its times were.
        """
        body = without_keys(request.body)
        header = request.header(beside)[:_HEADER] if beside else ""
        delivery = Delivery(new_id("dlv"), request.now, sender, request.method, request.path, body, header)
        try:
            await self._buffer(ws, source).put([delivery])
        except UnavailableError as error:
            _log.warning("a delivery of %s was not kept: %s", source, error)

    async def drain(self) -> None:
        """Wait until everything that came is kept: before the process ends."""
        for buffer in self._buffers:
            await buffer.drain()

    def _buffer(self, ws: Workspace, source: str) -> GroupCommit[Delivery, None]:
        buffer = self._buffers.get((ws.id, source))
        if buffer is None:
            write = partial(self._write, ws, source)
            made = GroupCommit[Delivery, None](self._clock, write, _lost, largest=_LARGEST, capacity=_CAPACITY)
            buffer = self._buffers.put((ws.id, source), made)
        return buffer

    async def _write(self, ws: Workspace, source: str, deliveries: Sequence[Delivery]) -> list[None]:
        async with self._pool.acquire(timeout=5) as conn, conn.transaction():
            await kept.add(conn, ws, source, deliveries)
        return [None] * len(deliveries)


def _lost(_: Delivery) -> None:
    _log.warning("a delivery could not be kept")
