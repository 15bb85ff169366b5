"""Jobs: 500 a second over 20 workspaces, one of whose receivers never answers; how long the others' jobs wait, and what one costs."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Any

import cpu
from contest import Contestant, Turn, compete
from place import Place, place
from programs import HERE, running, serves
from report import Goal, Outcome, told
from stage import Stage
from working import KIND, QUEUE

from goodword.core.decision import Job
from goodword.store import jobs, workspaces
from goodword.store.migrations import migrate
from goodword.store.vault import MasterKey, Vault, new_key

_RATE = 500
_SPACES = 20
_TICK = 0.1  # seconds between commits that enqueue
_WITHIN = 10.0  # seconds after which a call that hangs is ended
_PATIENCE = 60.0
_POLL = 0.1


async def jobs_done(stage: Stage) -> Outcome:
    """Measure ``jobs`` through the product's worker, which has a process of its own, on a place of its own."""
    seconds = 10.0 if stage.quick else 60.0
    async with place() as own:
        await migrate(own.embedded.dsn)
        spaces = await _spaces(own)
        log = own.home / "working.log"
        command: list[str | Path] = [sys.executable, HERE / "working.py", own.embedded.dsn, spaces[0], str(_WITHIN)]
        with running(command, {"PATH": os.environ["PATH"]}, log) as process:
            await serves(process, log, lambda: asyncio.to_thread(lambda: "ready" in log.read_text()))
            ours = _contestant(own, spaces, process.pid)
            [mine] = await compete([ours], own.postgres, rounds=1, seconds=seconds)
    row = told(
        "jobs", f"from due to done, {_RATE} a second over {_SPACES} workspaces, one hanging, {seconds:.0f} s", mine, {}
    )
    print("  us PG: with what enqueues them")
    late = mine.p99 or 0.0
    goals = [Goal("ms from due to done, p99 of the others", late, 2_000, at_most=True)]
    return Outcome(row, goals)


async def _spaces(own: Place) -> list[str]:
    vault = Vault(MasterKey(new_key()))
    made = [await workspaces.create(own.database, vault, f"jobs {n}", "sandbox", "real", 0) for n in range(_SPACES)]
    return [space.id for space in made]


def _contestant(own: Place, spaces: list[str], pid: int) -> Contestant:
    count = 0

    async def turn(seconds: float) -> Turn:
        nonlocal count
        first, begun = count, time.perf_counter()
        for tick in range(round(seconds / _TICK)):
            each: dict[str, list[Job]] = {}
            for _ in range(round(_RATE * _TICK)):
                said = Job(id=f"job_{count:09}", kind=KIND, subject="receiver", queue=QUEUE)
                each.setdefault(spaces[count % _SPACES], []).append(said)
                count += 1
            for ws, said_there in each.items():
                await jobs.add(own.database, ws, said_there, time.time_ns() // 1_000)
            await asyncio.sleep(max(0.0, begun + (tick + 1) * _TICK - time.perf_counter()))
        enqueued = time.perf_counter() - begun
        found = await _done(own, spaces, f"job_{first:09}")
        return Turn(found["done"], enqueued, round(found["p50"] / 1_000, 2), round(found["p99"] / 1_000, 2))

    return Contestant("goodword", "the worker, with a kind of job of the bench", lambda: cpu.own(pid), turn)


async def _done(own: Place, spaces: list[str], first: str) -> dict[str, Any]:
    """Return how the jobs of the others went, from this one on, once all of them are done."""
    asked = "workspace_id = any($1) and id >= $2"
    async with asyncio.timeout(_PATIENCE):
        while await own.database.fetchval(  # noqa: ASYNC110 - another process does them
            f"select exists (select from job where {asked} and done_at is null)", spaces[1:], first
        ):
            await asyncio.sleep(_POLL)
    found = await own.database.fetchrow(
        f"""select count(*) as done, percentile_cont(0.5) within group (order by done_at - due_at) as p50,
              percentile_cont(0.99) within group (order by done_at - due_at) as p99
            from job where {asked} and not dead""",
        spaces[1:],
        first,
    )
    return dict(found)
