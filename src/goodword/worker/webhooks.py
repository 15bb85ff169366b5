"""Endpoints are told side by side, each in a slot of its own; who is slow or silent holds that, and after it failed rests.

The log is read for those of a workspace together (``app/follow/telling``); only who is told something of it takes a slot.

Must not know: what is told, how it is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from goodword.app.engine import Engine
from goodword.app.follow import telling
from goodword.app.follow.telling import Ahead
from goodword.store import webhooks


class Deliver(Protocol):
    """Makes a round of an endpoint of a workspace; returns whether there may be more to do at once.

    ``ahead``: what comes next for it, if that was read already.
    """

    def __call__(self, ws: str, id_: str, ahead: Ahead | None = None, /) -> Awaitable[bool]:
        """Make it."""
        ...


LOOK = 0.5  # seconds between looks for endpoints
#: Endpoints that a process has in hand at once, far more than a workspace may have; and of these, of which the last round failed.
SLOTS, FAILING = 60, 30
READING = 2  # workspaces whose log a process reads at once for their endpoints
_TURN = 5.0  # seconds of an endpoint before others that wait have their turn
_AFTER_FAILURE = 1.0
_ENDS_WITHIN = 10.0  # seconds that rounds in hand get when the worker is told to stop; who is cut off is told once more

_log = logging.getLogger(__name__)


class Webhooks:
    """Lets endpoints be told what they lack."""

    def __init__(self, engine: Engine, deliver: Deliver) -> None:
        self._engine = engine
        self._pool = engine.pool
        self._clock = engine.clock
        self._deliver = deliver
        self._in_hand: dict[tuple[str, str], bool] = {}  # workspace and endpoint -> whether it failed before
        self._read = set[str]()  # workspaces whose log is read now
        self._readers = asyncio.Semaphore(READING)
        self._tasks = set[asyncio.Task[None]]()
        self._again = asyncio.Event()
        self._stopping = False
        self._last = ("", "")  # the endpoint that was begun last: the next look begins behind it

    def stop(self) -> None:
        """Let ``run`` end after what it is doing."""
        self._stopping = True
        self._again.set()

    async def run(self) -> None:
        """Tell endpoints what they lack until ``stop``."""
        while not self._stopping:
            self._again.clear()
            pause = LOOK
            try:
                apart, together = await self._due()
                for ws, id_, failing in apart:
                    if self._take(ws, id_, failing):
                        self._begin(self._serve(ws, id_, None))
                for ws, ids in together.items():
                    self._read.add(ws)
                    self._begin(self._look(ws, ids))
            except Exception:  # noqa: BLE001 - the loop goes on
                _log.exception("looking for webhooks failed")
                pause = _AFTER_FAILURE
            if not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._again.wait(), pause)
        if self._tasks:
            _, slow = await asyncio.wait(self._tasks, timeout=self._clock.patience(_ENDS_WITHIN))
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    async def once(self) -> int:
        """Make one round of each endpoint that is due, side by side; return how many they were."""
        apart, together = await self._due()
        rounds: list[tuple[str, str, Ahead | None]] = [(ws, id_, None) for ws, id_, _ in apart]
        for ws, ids in together.items():
            found, _ = await telling.look(self._engine, ws, ids)
            rounds += [(ws, id_, ahead) for id_, ahead in found.items()]
        await asyncio.gather(*(self._deliver(*one) for one in rounds))
        return len(apart) + sum(map(len, together.values()))

    async def _due(self) -> tuple[list[tuple[str, str, bool]], dict[str, list[str]]]:
        """Return endpoints that are due and not in hand: those that read by themselves, and those of workspaces read together."""
        async with self._pool.acquire() as conn:
            due = await webhooks.due(conn, self._clock.now())
        apart: list[tuple[str, str, bool]] = []
        together: dict[str, list[str]] = {}
        for ws, id_, failing, by_itself in sorted(due, key=lambda it: (it[:2] <= self._last, it)):
            if (ws, id_) in self._in_hand:
                continue
            if by_itself:
                apart.append((ws, id_, failing))
            elif ws not in self._read:
                together.setdefault(ws, []).append(id_)
        return apart, together

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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

    async def _look(self, ws: str, ids: list[str]) -> None:
        """Read on for endpoints of a workspace, and begin to tell those for whom something was there."""
        try:
            async with self._readers:
                found, more = await telling.look(self._engine, ws, ids)
            begun = 0
            for id_, ahead in found.items():
                if not self._stopping and self._take(ws, id_, failing=False):
                    self._begin(self._serve(ws, id_, ahead))
                    begun += 1
            if more and (begun or len(found) < len(ids)):  # else there is no slot: the same would be read for nobody
                self._again.set()
        except Exception:  # noqa: BLE001 - the others go on
            _log.exception("the log of %s was not read for its webhooks", ws)
            await asyncio.sleep(_AFTER_FAILURE)
        finally:
            self._read.discard(ws)

    async def _serve(self, ws: str, id_: str, ahead: Ahead | None) -> None:
        try:
            until = self._clock.monotonic() + _TURN
            while await self._deliver(ws, id_, ahead) and self._clock.monotonic() < until and not self._stopping:
                pass
        except Exception:  # noqa: BLE001 - the others go on; its lease ends, and it is found again
            _log.exception("the webhook %s of %s was left behind", id_, ws)
        finally:
            del self._in_hand[ws, id_]
