"""Every crash point: each path is stopped before and after every SQL statement, commit and call of a rail, and has to recover.

Pass one: the process ends at the point, by ``os._exit`` in a process of its own. Pass two: the connection is cut there, before the
statement is carried out or while its answer is on the way; what was running goes on as the product does. Then a new process takes
over. Nothing that was acknowledged may be missing, verification finds nothing; and once the client has repeated what was not
answered, everything stands as if nothing had happened: entities, balances, postings, approvals, entries, the rail's own book.
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import asyncpg
from faults import crash_before, crash_paths
from faults.acts import Data
from faults.crash_paths import PATHS
from faults.part import Result
from faults.place import Place
from faults.scene import Scene, Stage, scene
from faults.watch import STOPPED, Stop, Watch

from goodword.app.intake.ingest import UnavailableError

_WRITING = ("insert", "update", "delete", "copy", "with")
_TRIES = 3  # of a point that a run did not come to, because it took another way
_context = multiprocessing.get_context("forkserver")


async def run(place: Place, quick: bool) -> Result:
    """Stop every path at every point. ``quick``: fewer paths, at commits and calls only. ONLY: words in the name of a path."""
    _context.set_forkserver_preload(["faults.crash_points"])
    count, only = Counter[str](), os.environ.get("ONLY", "")
    paths = [path for path in PATHS if only in path.name and (path.quick or not quick)]
    async with crash_before.stages(place, "crash") as staged:

        async def one(path: crash_paths.Path) -> list[str]:
            async with staged(path.name) as on:
                return await _Trial(on, path, quick, count).run()

        found = await asyncio.gather(*(one(path) for path in paths if not path.alone))
        found += [await one(path) for path in paths if path.alone]
    wrong = tuple(chain(*found))
    how = (
        "QUICK: the process ended after each commit that wrote something and around each call, and their answers lost"
        if quick
        else "at each the process ended before and after it, the connection cut before it, and its answer lost"
    )
    what = f"{count['points']:,} points of {len(paths)} of {len(PATHS)} paths, {how}"
    note = f"{count['left']} times payouts were left to a person: whether their rail will hear of them nobody can know"
    return Result("crash_points", what, count["stops"], len(wrong), wrong, (note,))


class _Trial:
    """All trials of one path. ``count``: of points, stops, and payouts left to a person, of all paths."""

    def __init__(self, stage: Stage, path: crash_paths.Path, quick: bool, count: Counter[str]) -> None:
        self.stage, self.path, self.quick, self.count = stage, path, quick, count
        self.data: Data = {}
        self.expected: Counter[str] = Counter()

    async def run(self) -> list[str]:
        """Go the path undisturbed, then once for each stop; returns what it did not survive."""
        wrong: list[str] = []
        async with scene(self.stage.dsn, self.stage.ws, self.stage.home) as before:
            self.data = await self.path.prepare(before)
        await self.stage.keep()
        points = await self._undisturbed()
        self.count["points"] += len(points)
        for stop in _stops(points, self.quick):
            self.count["stops"] += 1
            if found := await self._try(stop):
                where = f"{self.path.name}: {stop.how} {stop.side} {stop.at} ({points[stop.at]})"
                wrong.append(f"{where}: {'; '.join(found)}")
        if not self.quick:
            print(f"{self.path.name} is done: {dict(self.count)}, {len(wrong)} wrong", file=sys.stderr, flush=True)
        return wrong

    async def _undisturbed(self) -> list[str]:
        watch = Watch()
        async with scene(self.stage.dsn, self.stage.ws, self.stage.home, watch) as going:
            watch.on = True
            await self.path.act(going, self.data, lambda *_: None)
            watch.on = False
            problem = await self.stage.rest(going)
            wrong = await self.stage.wrong(going, [])
            assert problem is None, problem
            assert not wrong, wrong
            self.expected = await self.stage.dump(going, postings=not self.path.detour)
        assert len(watch.points) > 1, f"{self.path.name} does nothing"
        return watch.points

    async def _try(self, stop: Stop) -> list[str]:
        """Return what is wrong after one stop."""
        for _ in range(_TRIES):
            await self.stage.put_back()
            acknowledged: list[tuple[str, str]] = []
            reached = await (self._die if stop.how == "die" else self._cut)(stop, acknowledged)
            if isinstance(reached, str):
                return [reached]
            if reached:
                return await self._recover(acknowledged)
        return ["the point was not reached"]

    async def _die(self, stop: Stop, acknowledged: list[tuple[str, str]]) -> bool | str:
        """Go the path in a process that ends at the stop; tells whether it did, or what else happened."""
        said = self.stage.home.with_suffix(".said")
        said.unlink(missing_ok=True)
        where = (self.stage.dsn, self.stage.ws, self.stage.home, said)
        process = _context.Process(target=_child, args=(*where, self.path.name, self.data, stop), daemon=True)
        process.start()
        while process.is_alive():  # asked by this thread only: two that wait for one process may both miss how it ended
            await asyncio.sleep(0.003)
        lines = said.read_text().splitlines() if said.exists() else []
        if process.exitcode not in (0, STOPPED):
            return f"the process ended with {process.exitcode}: {' / '.join(lines[-3:])}"
        acknowledged += [(source, id_) for source, _, id_ in (line.partition(" ") for line in lines)]
        return process.exitcode == STOPPED

    async def _cut(self, stop: Stop, acknowledged: list[tuple[str, str]]) -> bool:
        """Go the path here; the connection is cut at the stop, and the product does what it does then."""
        watch = Watch(stop)
        async with scene(self.stage.dsn, self.stage.ws, self.stage.home, watch) as going:
            watch.on = True
            # What is not answered the client will say again.
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, UnavailableError):
                await self.path.act(going, self.data, lambda source, id_: acknowledged.append((source, id_)))
        return watch.reached

    async def _recover(self, acknowledged: list[tuple[str, str]]) -> list[str]:
        """Let a new process take over, look, let the client repeat itself, and compare with the undisturbed end."""
        after = await self.stage.heir()
        found = await self._look(after, acknowledged, rest=not self.path.at_once)
        if found or not self.path.again:
            return found
        try:
            await self.path.act(after, self.data, lambda source, id_: acknowledged.append((source, id_)))
        except Exception as error:  # noqa: BLE001 - whatever it is, a repeat must be answered
            return [f"the repeat failed: {type(error).__name__}: {error}"]
        found = await self._look(after, acknowledged)
        if await self.stage.unheard():
            self.count["left"] += 1
            return found
        return found + _unlike(self.expected, await self.stage.dump(after, postings=not self.path.detour))

    async def _look(self, after: Scene, acknowledged: list[tuple[str, str]], *, rest: bool = True) -> list[str]:
        problem = await self.stage.rest(after) if rest else None
        return [*([problem] if problem else []), *await self.stage.wrong(after, acknowledged)]


def _stops(points: list[str], quick: bool) -> Iterator[Stop]:
    """Yield the stops of a path. A process that ends before a point has done what one did that ends after the point before."""
    wrote = False
    for at, point in enumerate(points):
        wrote = not point.startswith("BEGIN") and (wrote or point.startswith(_WRITING))
        call = point.startswith("the rail")
        decisive = call or (wrote and point.startswith("COMMIT"))
        if call or not quick:
            yield Stop(at, "before", "die")
        if decisive or (not quick and at == len(points) - 1):
            yield Stop(at, "after", "die")
        if not quick:
            yield Stop(at, "before", "cut")
        if decisive or not quick:
            yield Stop(at, "after", "cut")


def _unlike(expected: Counter[str], found: Counter[str]) -> list[str]:
    return [f"{times} x missing: {line[:300]}" for line, times in (expected - found).items()] + [
        f"{times} x too much: {line[:300]}" for line, times in (found - expected).items()
    ]


def _child(dsn: str, ws: str, home: Path, said: Path, path: str, data: Any, stop: Stop) -> None:
    """Be the process that ends: go the path, write down at once what was acknowledged."""
    logging.disable(logging.ERROR)
    handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def ack(source: str, id_: str) -> None:
        os.write(handle, f"{source} {id_}\n".encode())

    async def go() -> None:
        watch = Watch(stop)
        [going] = [one for one in PATHS if one.name == path]
        async with scene(dsn, ws, home, watch) as alive:
            watch.on = True
            await going.act(alive, data, ack)

    try:
        asyncio.run(go())
    except BaseException:  # noqa: BLE001 - told to the parent
        os.write(handle, traceback.format_exc().encode())
        os._exit(1)
