"""Endpoints are told side by side, each in a slot of its own; who is slow or silent holds that, and after it failed rests.

Must not know: what is told, how it is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from goodword.app.engine import Engine
from goodword.store import webhooks

#: Makes a round of an endpoint of a workspace; returns whether there may be more to do at once.
Deliver = Callable[[str, str], Awaitable[bool]]

LOOK = 0.5  # seconds between looks for endpoints
#: Endpoints that a process has in hand at once, far more than a workspace may have; and of these, of which the last round failed.
SLOTS, FAILING = 60, 30
_TURN = 5.0  # seconds of an endpoint before others that wait have their turn
_AFTER_FAILURE = 1.0
_ENDS_WITHIN = 10.0  # seconds that rounds in hand get when the worker is told to stop; who is cut off is told once more

_log = logging.getLogger(__name__)


class Webhooks:
    """Lets endpoints be told what they lack."""

    def __init__(self, engine: Engine, deliver: Deliver) -> None:
        self._pool = engine.pool
        self._clock = engine.clock
        self._deliver = deliver
        self._in_hand: dict[tuple[str, str], bool] = {}  # workspace and endpoint -> whether it failed before
        self._stopping = asyncio.Event()
        self._last = ("", "")  # the endpoint that was begun last: the next look begins behind it

    def stop(self) -> None:
        """Let ``run`` end after what it is doing."""
        self._stopping.set()

    async def run(self) -> None:
        """Tell endpoints what they lack until ``stop``."""
        tasks = set[asyncio.Task[None]]()
        while not self._stopping.is_set():
            pause = LOOK
            try:
                async with self._pool.acquire() as conn:
                    due = await webhooks.due(conn, self._clock.now())
                for ws, id_, failing in sorted(due, key=lambda it: (it[:2] <= self._last, it)):
                    if self._take(ws, id_, failing):
                        task = asyncio.create_task(self._serve(ws, id_))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("looking for webhooks failed")
                pause = _AFTER_FAILURE
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
        if tasks:
            _, slow = await asyncio.wait(tasks, timeout=self._clock.patience(_ENDS_WITHIN))
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    async def once(self) -> int:
        """Make one round of each endpoint that is due, side by side; return how many they were."""
        async with self._pool.acquire() as conn:
            due = await webhooks.due(conn, self._clock.now())
        await asyncio.gather(*(self._deliver(ws, id_) for ws, id_, _ in due))
        return len(due)

    def _take(self, ws: str, id_: str, failing: bool) -> bool:
        """Take a slot, if one is free."""
        if (ws, id_) in self._in_hand:
            return False
        held = list(self._in_hand.values())
        if len(held) >= SLOTS or (failing and sum(held) >= FAILING):
            return False
        self._in_hand[ws, id_] = failing
        self._last = ws, id_
        return True

    async def _serve(self, ws: str, id_: str) -> None:
        try:
            until = self._clock.monotonic() + _TURN
            while await self._deliver(ws, id_) and self._clock.monotonic() < until and not self._stopping.is_set():
                pass
        except Exception:  # noqa: BLE001 - the others go on; its lease ends, and it is found again
            _log.exception("the webhook %s of %s was left behind", id_, ws)
        finally:
            del self._in_hand[ws, id_]
