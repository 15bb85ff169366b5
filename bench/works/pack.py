"""Pack: the books of months with a million rewards: the figures, each journal, and all of it as one file."""

import json
import os
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import cpu
import pgbench
from contest import Contestant, Turn
from place import Place, place
from programs import HERE, run
from report import Goal, Outcome, told
from stage import Stage

_ASKED = 1_000_000
_ROUNDS = 2
_SCRIPT = HERE / "packing.py"


async def pack(stage: Stage) -> Outcome:
    """Measure ``pack`` beside a plain double entry: two balances and two rows for a transfer. Two postings a reward."""
    size = _ASKED // 10 if stage.quick else _ASKED
    async with AsyncExitStack() as open_:
        own = await open_.enter_async_context(place())
        space, seconds = await own.filled("pack", "payable", size)
        print(f"  {size:,} rewards made in {seconds:.0f} s")
        ours = _contestant(own, space, size)
        plain = await pgbench.double_entry(stage.place.embedded.dsn, stage.place.embedded.bin)
        found = await stage.compete(ours, plain, postgres=own.postgres, rounds=_ROUNDS)
        figures = await _done(own, space, "figures")
        journals = await _done(own, space, "journals")
        whole = await _done(own, space, "pack")
    if whole["differ"] or not figures["balanced"] or figures["orders"] != size:
        raise RuntimeError(f"the books do not agree: {figures}, {whole}")
    mine = found[ours.name]
    row = told("pack", f"rewards in the figures of the books, {size:,} of four months", mine, found, found[plain.name])
    peak = max(one.pop("mb") for one in (figures, journals, whole))
    print(f"  journals, postings a second: {', '.join(f'{name} {rate:,.0f}' for name, rate in journals.items())}")
    print(f"  the pack: {whole['seconds']:.0f} s, {whole['mb_zip']:.0f} MB, {whole['rows']['postings.csv']:,} postings")
    goals = [
        Goal(f"seconds for the figures of {_ASKED:,} rewards", _ASKED / mine.rate, 10, at_most=True),
        *(Goal(f"postings a second, {name}", rate, 50_000) for name, rate in journals.items()),
        Goal("MB of memory", peak if not stage.quick else None, 300, at_most=True),
    ]
    return Outcome(row, goals, partial(_profile, size // 10))


def _contestant(own: Place, space: dict[str, Any], size: int) -> Contestant:
    async def turn(_: float) -> Turn:
        return Turn(size, (await _done(own, space, "figures"))["seconds"])

    return Contestant("goodword", "python packing.py WORKSPACE FROM TO figures", cpu.ended, turn)


async def _done(own: Place, space: dict[str, Any], what: str, *more: str) -> dict[str, Any]:
    """Ask for all months of the history, which filling.py begins 150 days ago."""
    begin, end = (datetime.now(UTC) + timedelta(days=days) for days in (-150, -30))
    months = f"{begin:%Y-%m}", f"{end:%Y-%m}"
    said = await run([sys.executable, _SCRIPT, space["id"], *months, what, *more], {**os.environ, **own.environment()})
    told_: dict[str, Any] = json.loads(said)
    return told_


async def _profile(size: int, _: float, stats: Path) -> int:
    async with place() as own:
        space, _ = await own.filled("pack", "payable", size)
        await _done(own, space, "journals", "--profile", str(stats))
    return 2 * size
