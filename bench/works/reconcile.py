"""Reconciliation: the camt.053 of an account that paid many payouts, and took in far more from others, taken by the command."""

import asyncio
import csv
import io
import json
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import cpu
import httpx
import pgbench
from contest import Contestant, Turn
from place import Place, place
from report import Goal, Outcome, told
from stage import Stage
from testkit.banking import Booked, camt

_ASKED = 100_000  # lines
_OF = 5  # one line in so many is about a payout
_BACK = 100  # and of so many payouts one comes back
_ROUNDS = 2  # each needs payouts of its own
_MOST_MB = 300
_POLL = 0.05


class _File:
    """A statement for the payouts of a workspace, which are (payout, cents, account). ``own``: its lines that are about these."""

    def __init__(self, path: Path, key: str, paid: list[tuple[str, int, str]]) -> None:
        self.path, self.key, self.size = path, key, len(paid) * _OF
        lines: list[Booked] = []
        returned = 0
        for n, (payout, amount, account) in enumerate(paid):
            back = n % _BACK == 0 and bool(lines)
            returned += back
            lines.append(Booked(named=payout.replace("_", "-"), amount=-amount, other=account))
            lines += [
                Booked(named=f"INV-{n}-{each}", amount=4_900 + n % 900, text=f"Invoice {n}-{each}, thank you")
                for each in range(_OF - 1 - back)
            ]
            if back:
                lines.append(Booked(named=payout.replace("_", "-"), amount=amount, reason="AC04", other=account))
        self.own = len(paid) + returned
        path.write_bytes(camt(lines))


async def reconcile(stage: Stage) -> Outcome:
    """Measure ``reconcile`` beside a plain double entry, and the memory of our process."""
    size = _ASKED // 10 if stage.quick else _ASKED
    peaks: list[float] = []
    async with AsyncExitStack() as open_:
        own = await open_.enter_async_context(place())
        files = [await _file(own, count) for count in [size // 10, *[size] * _ROUNDS]]
        ours = _contestant(own, files, peaks)
        plain = await pgbench.double_entry(stage.place.embedded.dsn, stage.place.embedded.bin)
        found = await stage.compete(ours, plain, postgres=own.postgres, rounds=_ROUNDS)
    mine = found[ours.name]
    title = f"lines of a camt.053, {size:,} in a file, one in {_OF} about a payout"
    row = told("reconcile", title, mine, found, found[plain.name]) | {"mb": round(max(peaks))}
    print(f"  the most memory of our process: {max(peaks):.0f} MB")
    goals = [
        Goal(f"seconds for {_ASKED:,} lines", _ASKED / mine.rate, 60, at_most=True),
        Goal("MB of our process at most", max(peaks), _MOST_MB, at_most=True),
    ]
    return Outcome(row, goals, partial(_profile, size))


async def _file(own: Place, size: int) -> _File:
    """Return what the bank says of the payouts of a workspace: it did what our file for it says."""
    space, _ = await own.filled(f"reconcile {size}", "banked", size // _OF)
    async with own.serve("--no-worker") as server, httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        headers = {"authorization": f"Bearer {space['owner_key']}"}
        answer = (await client.get("/v1/payouts/bank-file", headers=headers)).raise_for_status()
    rows = csv.DictReader(io.StringIO(answer.text))
    paid = [(row["reference"], round(100 * float(row["amount"])), row["account"]) for row in rows]
    return _File(own.home / f"{space['id']}.xml", space["owner_key"], paid)


async def _profile(size: int, _: float, stats: Path) -> int:
    async with place() as own:
        file = await _file(own, size)
        await asyncio.to_thread(_taken, own, file, ["-m", "cProfile", "-o", str(stats)])
    return file.size


def _contestant(own: Place, files: list[_File], peaks: list[float]) -> Contestant:
    async def turn(_: float) -> Turn:
        file = files.pop(0)
        begun = time.perf_counter()
        mb = await asyncio.to_thread(_taken, own, file)
        seconds = time.perf_counter() - begun
        peaks.append(mb)
        return Turn(file.size, seconds)

    return Contestant("goodword", "goodword reconcile FILE", cpu.ended, turn)


def _taken(own: Place, file: _File, program: list[str] | None = None) -> float:
    """Have a statement taken, hold what became of its lines against what is known; returns the most MB that it took."""
    command = [sys.executable, *(program or []), "-m", "goodword", "reconcile", str(file.path), "--json"]
    env, out, mb = own.environment(GOODWORD_KEY=file.key), file.path.with_suffix(".json"), 0.0
    with out.open("wb") as said, subprocess.Popen(command, stdout=said, env=env, cwd=own.program.root) as process:
        while process.poll() is None:
            mb = max(mb, cpu.peak(process.pid))
            time.sleep(_POLL)
    sheet: dict[str, Any] = json.loads(out.read_bytes())
    counts = {name: count for name, count in sheet["counts"].items() if count}
    if (sheet["lines"], counts) != (file.size, {"matched": file.own}):
        raise RuntimeError(f"{sheet['lines']} lines became {counts}")
    return mb
