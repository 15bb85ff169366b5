"""Two workers: what two processes decide of two workspaces in the time in which one of them decides both."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import Any

import asyncpg
import cpu
from contest import Contestant, Turn
from hot import served
from place import Place, Server, place
from report import Goal, Outcome, told
from stage import Stage
from testkit import load
from testkit.product import HOST

from works import ingest, traffic

_POLL = 0.05
_SETTLED = 0.5  # seconds from a worker's first connection until it has looked for work in vain


async def two_workers(stage: Stage) -> Outcome:
    """Measure ``two_workers``, on a place of its own whose server has no worker."""
    size = 2_000 if stage.quick else 10_000
    async with place() as own, own.serve("--no-worker") as server:
        with own.work():
            spaces = [await traffic.workspace(own, server, f"bench-{name}") for name in ("one", "other")]
        begin = itertools.count(0, 1_000_000)
        one, two = (_contestant(own, server, spaces, begin, size, count) for count in (1, 2))
        found = await stage.compete(two, one, postgres=own.postgres)
    mine, alone = found[two.name], found[one.name]
    row = told("two_workers", f"events decided, {size:,} waiting in each of two workspaces", mine, found, alone)
    goals = [Goal("ratio to one worker", mine.ratio_to(alone), 1.6)]
    # The profile is of a server: a worker's way, and accepting beside it.
    again = partial(ingest.contestant, name="two_workers", batch=traffic.BATCH, connections=4)
    return Outcome(row, goals, partial(served, again))


def _contestant(
    own: Place, server: Server, spaces: list[dict[str, Any]], begin: Iterator[int], size: int, count: int
) -> Contestant:
    used = 0.0

    async def turn(_: float) -> Turn:
        nonlocal used
        async with _held(own, spaces) as release:
            for space in spaces:
                requests = traffic.posts(space, traffic.traffic(next(begin), size), traffic.BATCH)
                await load.send(HOST, server.port, requests, 1, 202)
            with ExitStack() as running:
                before = await _backends(own)
                workers = [running.enter_context(own.work()) for _ in range(count)]
                while await _backends(own) < before + count:  # noqa: ASYNC110 - another process connects
                    await asyncio.sleep(_POLL)
                await asyncio.sleep(_SETTLED)
                spent = sum(cpu.seconds(worker) for worker in workers)
                begun = asyncio.get_running_loop().time()
                await release()
                await own.decided(*(space["id"] for space in spaces))
                seconds = asyncio.get_running_loop().time() - begun
                used += sum(cpu.seconds(worker) for worker in workers) - spent
        return Turn(size * len(spaces), seconds)

    name = "one worker" if count == 1 else "goodword, two workers"
    return Contestant(name, " & ".join(["goodword worker"] * count), lambda: used, turn)


@asynccontextmanager
async def _held(own: Place, spaces: list[dict[str, Any]]) -> AsyncIterator[Callable[[], Awaitable[Any]]]:
    """Keep the workspaces' locks, so that events gather, until what this gives is called."""
    lock = "select from stream where workspace_id = any($1) for no key update"
    holder = await asyncpg.connect(own.embedded.dsn)
    try:
        await holder.execute("begin")
        await holder.execute(lock, [space["id"] for space in spaces])
        yield lambda: holder.execute("commit")
    finally:
        await holder.close(timeout=5)


async def _backends(own: Place) -> int:
    return int(
        await own.database.fetchval("select count(*) from pg_stat_activity where backend_type = 'client backend'")
    )
