"""Replay: a log is decided again in memory, on one core, and every entry must come out as it was."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cpu
from contest import Contestant, Turn
from programs import HERE, run
from report import Goal, Outcome, told
from stage import Stage

#: makes a log, decides it again: each in a process of its own
_WRITE, _READ = HERE / "deciding.py", HERE / "replaying.py"
_MILLION = 1_000_000


class _Done(NamedTuple):
    entries: int
    seconds: float
    mb: float


async def replay(stage: Stage) -> Outcome:
    """Measure ``replay``: its rate beside the first run's, then the memory of a long log and of one twice as long."""
    size, length = (20_000, 50_000) if stage.quick else (100_000, _MILLION)
    short, long = stage.folder / "short.log", stage.folder / "long.log"
    await _do(_WRITE, short, size)
    first = _contestant("first run, in memory", _WRITE, stage.folder / "first.log", size)
    ours = _contestant("goodword", _READ, short, size)
    found = await stage.compete(ours, first)
    mine = found[ours.name]
    row = told("replay", f"entries decided again in memory, {size:,} a round", mine, found, found[first.name])
    await _do(_WRITE, long, length, "--twice")
    once, twice = await _do(_READ, long, length), await _do(_READ, long, 2 * length)
    print(
        f"  {length:,} entries: {once.seconds:.1f} s, {once.mb:.0f} MB; twice the events of the same: {twice.mb:.0f} MB"
    )
    goals = [
        Goal("entries a second", mine.rate, 30_000),
        Goal("seconds for a million", once.seconds * _MILLION / length, 40, at_most=True),
        Goal("MB for a million", once.mb if length == _MILLION else None, 600, at_most=True),
        Goal("memory at twice the events of the same people and invoices", twice.mb / once.mb, 1.1, at_most=True),
    ]
    return Outcome(row, goals, partial(_profile, short, size))


def _contestant(name: str, script: Path, file: Path, entries: int) -> Contestant:
    async def turn(_: float) -> Turn:
        done = await _do(script, file, entries)
        return Turn(done.entries, done.seconds)

    return Contestant(name, f"python {script.name} FILE {entries}", cpu.ended, turn)


async def _profile(file: Path, entries: int, _: float, stats: Path) -> int:
    return (await _do(_READ, file, entries, "--profile", str(stats))).entries


async def _do(script: Path, file: Path, entries: int, *more: str) -> _Done:
    said = await run([sys.executable, script, file, str(entries), *more], dict(os.environ))
    return _Done(**json.loads(said))
