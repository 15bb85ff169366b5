"""Followers take the log side by side: of all workspaces, each batch in a slot of its follower; who hangs holds no other's slot.

One that fails is tried again after a pause that doubles. Must not know: what a follower makes of entries.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Mapping

from goodword.app.engine import Engine
from goodword.app.follow.follower import Follower, follow
from goodword.store import followers

LOOK = 0.5  # seconds between looks for entries: figures are so old at most, and a busy workspace's entries come many at a time
SLOTS = 2  # workspaces of which a process lets one follower take entries at once
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0

_log = logging.getLogger(__name__)


class Followers:
    """Lets these followers, by name, take what they lack."""

    def __init__(self, engine: Engine, wanted: Mapping[str, Follower]) -> None:
        self._engine = engine
        self._wanted = wanted
        self._in_hand: set[tuple[str, str]] = set()  # workspace and follower
        self._held: Counter[str] = Counter()  # of them by follower
        self._failed: dict[tuple[str, str], tuple[float, float]] = {}  # -> the pause, and when it is over
        self._again = asyncio.Event()
        self._stopping = False
        self._last = ""  # the workspace that was begun last: the next look begins behind it

    def stop(self) -> None:
        """Let ``run`` end after what it is doing."""
        self._stopping = True
        self._again.set()

    async def run(self) -> None:
        """Follow until ``stop``."""
        async with asyncio.TaskGroup() as tasks:
            while not self._stopping:
                self._again.clear()
                try:
                    for pair, lacks in await self._behind():
                        if pair not in self._in_hand and self._held[pair[1]] < SLOTS and self._may_try(pair):
                            self._in_hand.add(pair)
                            self._held[pair[1]] += 1
                            self._last = pair[0]
                            tasks.create_task(self._serve(pair, lacks))
                except Exception:  # noqa: BLE001 - the loop goes on
                    _log.exception("looking for what lacks entries failed")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._again.wait(), LOOK)

    async def once(self) -> int:
        """Let each follower take a batch of each workspace of which it lacks entries; return how many entries they were."""
        behind = await self._behind()
        return sum(await asyncio.gather(*(follow(self._engine, ws, self._wanted[name]) for (ws, name), _ in behind)))

    async def _behind(self) -> list[tuple[tuple[str, str], int]]:
        """Return workspaces and followers that lack entries, with how many; those behind the workspace that was begun last first."""
        async with self._engine.pool.acquire() as conn:
            behind = await followers.behind(conn, list(self._wanted))
        pairs = [((row.workspace, row.follower), row.end - row.position) for row in behind]
        return sorted(pairs, key=lambda lacking: (lacking[0][0] <= self._last, lacking))

    def _may_try(self, pair: tuple[str, str]) -> bool:
        _, over = self._failed.get(pair, (0.0, 0.0))
        return self._engine.clock.monotonic() >= over

    async def _serve(self, pair: tuple[str, str], lacks: int) -> None:
        """Take batch after batch, to where the log ended at the look, however few entries fill one; and on while they are full."""
        ws, name = pair
        follower = self._wanted[name]
        try:
            while not self._stopping and (taken := await follow(self._engine, ws, follower)):
                lacks -= taken
                if lacks <= 0 and taken < follower.most:
                    break
            self._failed.pop(pair, None)
        except Exception:  # noqa: BLE001 - the others go on
            pause = min(_LONGEST_PAUSE, self._failed.get(pair, (_FIRST_PAUSE / 2, 0.0))[0] * 2)
            self._failed[pair] = pause, self._engine.clock.monotonic() + pause
            _log.exception("the follower %s failed in %s", name, ws)
        finally:
            if self._held[name] >= SLOTS:  # somebody may have found no slot
                self._again.set()
            self._held[name] -= 1
            self._in_hand.discard(pair)
