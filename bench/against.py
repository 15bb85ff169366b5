"""This checkout beside the commit that ``bench/base`` names, in turns: `make bench BASE=1`, which builds that one first.

Compared is processor time an operation, ours and PostgreSQL's together, because a shared machine changes its pace, not its work.
An interval holds the true ratio in 95 of 100 runs: it is the bootstrap's over the rounds.
"""

import json
import math
import random
import statistics
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import cpu
from contest import Contestant, Figures, Turn, compete
from place import THIS, Place, Program, Server, place
from programs import HERE, run
from works import ingest, reads

BASE = HERE / ".base"
_SAMPLES = 2_000
_MILLION = 1_000_000


class Comparison(NamedTuple):
    """Processor time an operation over the base's, with its interval; microseconds of both."""

    what: str
    ratio: float
    low: float
    high: float
    ours: float
    base: float


def built() -> Program:
    """Return the base, built in a folder of its own. RuntimeError where the history does not have its commit."""
    commit = (HERE / "base").read_text().strip()
    if not BASE.exists():
        _run("git", "clone", "--quiet", "--no-checkout", str(THIS.root), str(BASE))
    _run("git", "-C", str(BASE), "fetch", "--quiet", "origin")
    _run("git", "-C", str(BASE), "checkout", "--quiet", "--detach", commit)
    _run("make", "--directory", str(BASE), "setup")
    return Program(str(BASE / ".venv/bin/python"), BASE)


def _run(*arguments: str) -> None:
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {done.stderr[-2_000:].strip()}")


async def compared(*, quick: bool, names: Sequence[str] = ()) -> list[Comparison]:
    """Return what each work costs here over what it costs at the base, in interleaved rounds."""
    base = built()
    found = []
    for name, work in WORKS.items():
        if not names or name in names:
            found += await work(base, quick)
    for one in found:
        print(
            f"{one.what:<34} {one.ours:>9.1f} us, base {one.base:>9.1f} us: {one.ratio:.3f} of the base "
            f"({one.low:.3f} to {one.high:.3f})"
        )
    return found


async def _over_http(
    what: str, make: Callable[[Place, Server], Awaitable[Contestant]], base: Program, *, quick: bool
) -> Comparison:
    async with AsyncExitStack() as open_:
        both = []
        for program in (THIS, base):
            here = await open_.enter_async_context(place(program))
            both.append((here, await open_.enter_async_context(here.serve())))
        ours, theirs = [await make(here, server) for here, server in both]
        figures = await compete(
            [ours, theirs._replace(name="base")],
            lambda: sum(here.postgres() for here, _ in both),
            rounds=4 if quick else 12,
            seconds=1.5 if quick else 4.0,
        )
    return _ratio(what, *figures)


async def _ingest_batch(base: Program, quick: bool) -> list[Comparison]:
    def make(here: Place, server: Server) -> Awaitable[Contestant]:
        return ingest.contestant(here, server, "against", 100, 4)

    return [await _over_http("event of ingest_batch", make, base, quick=quick)]


async def _reads(base: Program, quick: bool) -> list[Comparison]:
    return [await _over_http("read over HTTP", reads.contestant, base, quick=quick)]


async def _replay(base: Program, quick: bool) -> list[Comparison]:
    """Each decides its own log, made by itself, again; printed beside it: the memory of a long one."""
    size, length = (20_000, 100_000) if quick else (100_000, _MILLION)
    both = [_replaying(program, BASE / f"{name}.log", size) for name, program in (("this", THIS), ("base", base))]
    for program, name in ((THIS, "this"), (base, "base")):
        await _script(program, "deciding.py", BASE / f"{name}.log", size)
    figures = await compete(both, lambda: 0.0, rounds=4 if quick else 8, seconds=0.0)
    for program, name in ((THIS, "this"), (base, "base")):
        await _script(program, "deciding.py", BASE / "long.log", length)
        done = await _script(program, "replaying.py", BASE / "long.log", length)
        print(f"replay of {length:,} entries, {name}: {done['mb']:.0f} MB, {length / done['seconds']:,.0f} a second")
    return [_ratio("entry of replay", *figures)]


def _replaying(program: Program, log: Path, size: int) -> Contestant:
    async def turn(_: float) -> Turn:
        done = await _script(program, "replaying.py", log, size)
        return Turn(size, done["seconds"])

    return Contestant(f"{program.root.name}", "replaying.py", cpu.ended, turn)


async def _script(program: Program, name: str, log: Path, size: int) -> dict[str, float]:
    arguments: list[str | Path] = [program.python, program.root / "bench" / name, log, str(size)]
    found: dict[str, float] = json.loads(
        await run(arguments, {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(program.root)}, program.root)
    )
    return found


def _ratio(what: str, ours: Figures, base: Figures) -> Comparison:
    """Return the geometric mean of the rounds' ratios, with the bootstrap's interval; the seed is fixed, so it can be made again."""

    def each(one: Figures) -> list[float]:
        return [(turn.own + turn.postgres) / turn.turn.operations * 1e6 for turn in one.rounds]

    mine, theirs = each(ours), each(base)
    logs = [math.log(a / b) for a, b in zip(mine, theirs, strict=True)]
    chance = random.Random(1)  # noqa: S311 - a sample, no secret
    means = sorted(statistics.fmean(chance.choices(logs, k=len(logs))) for _ in range(_SAMPLES))
    low, high = means[round(_SAMPLES * 0.025)], means[round(_SAMPLES * 0.975) - 1]
    middle = math.exp(statistics.fmean(logs))
    for name, one in (("this", ours), ("base", base)):
        own, postgres = (
            statistics.median(
                seconds / turn.turn.operations * 1e6 for turn, seconds in zip(one.rounds, spent, strict=True)
            )
            for spent in ([turn.own for turn in one.rounds], [turn.postgres for turn in one.rounds])
        )
        print(f"{what}, {name}: {own:.1f} us of ours + {postgres:.1f} of PostgreSQL's")
    return Comparison(what, middle, math.exp(low), math.exp(high), statistics.median(mine), statistics.median(theirs))


#: What is compared, by the name that WORK takes.
WORKS: dict[str, Callable[[Program, bool], Awaitable[list[Comparison]]]] = {
    "ingest_batch": _ingest_batch,
    "replay": _replay,
    "reads": _reads,
}
