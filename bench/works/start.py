"""Start: from the command to the first answer, on a database that exists; then the memory, at rest and under load."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import cpu
from contest import Contestant, Turn
from place import COMMAND, Home, Place, connected
from report import Goal, Outcome, told
from stage import Stage
from testkit.database import temporary_home

from goodword.store.embedded import Embedded
from goodword.store.embedded_place import find_place
from works import ingest, redirect

_REST = 2.0
_LOOK = 0.1
_POSTGRES = "postgres"


async def start(stage: Stage) -> Outcome:
    """Measure ``start``: nothing runs before, so PostgreSQL starts in that time too."""
    with temporary_home() as path:
        home = Home(path)
        await home.goodword("workspace", "create", "bench-start", "--mode", "sandbox", "--owner", "owner@example.com")
        ours = _contestant(home)
        found = await stage.compete(ours)
        mine = found[ours.name]
        row = told("start", "goodword serve from the command to readyz, PostgreSQL's own start included", mine, found)
        rest, load = await _memory(stage, home)
    print(
        f"  memory of our processes: {rest:.0f} MB at rest, at most {load:.0f} MB under load (PostgreSQL's are its own)"
    )
    assert mine.p50 is not None
    goals = [
        Goal("seconds to the first answer", round(mine.p50 / 1_000, 2), 2, at_most=True),
        Goal("MB at rest", rest, 250, at_most=True),
        Goal("MB under load", load, 250, at_most=True),
    ]
    return Outcome(row, goals)


def _contestant(home: Home) -> Contestant:
    used = 0.0

    async def turn(_: float) -> Turn:
        nonlocal used
        begun = time.perf_counter()
        async with home.serve() as server:
            seconds = time.perf_counter() - begun
            used += cpu.own(server.pid)
        return Turn(1, seconds, seconds * 1_000)

    return Contestant("goodword", COMMAND, lambda: used, turn)


async def _memory(stage: Stage, home: Home) -> tuple[float, float]:
    """Return the MB at rest, and the most while events, then clicks come in as fast as they are taken."""
    async with home.serve() as server:
        await asyncio.sleep(_REST)
        rest = cpu.memory(server.pid, _POSTGRES)
        async with _beside(home.home) as place:
            works = [
                await ingest.contestant(place, server, "memory", 100, 4),
                await redirect.contestant(place, server, stage.visitors()),
            ]
            most = rest
            for one in works:
                load = asyncio.create_task(one.turn(stage.seconds))
                while not load.done():
                    most = max(most, cpu.memory(server.pid, _POSTGRES))
                    await asyncio.sleep(_LOOK)
                await load
    return rest, most


@asynccontextmanager
async def _beside(home: Path) -> AsyncIterator[Place]:
    """Yield the place of a home whose database the server itself holds."""
    async with connected(home, Embedded(find_place(home))) as place:
        yield place
