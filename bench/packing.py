"""The books of all months of a history: ``packing.py WORKSPACE FROM TO WHAT``, with GOODWORD_HOME in the environment.

WHAT is ``figures``, the trial balance, accruals, ages, cost and revenue; ``journals``, each of the three and postings.csv by itself;
or ``pack``, the whole file. It is a process of its own, for its memory; prints figures as JSON.
"""

import argparse
import cProfile
import json
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from goodword import settings
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import OPERATOR, Principal
from goodword.app.proof import pack
from goodword.collector import settle
from goodword.wiring import opened


async def figures(who: Principal, directory: Directory, months: tuple[str, str]) -> dict[str, Any]:
    """Work the figures out."""
    begun = time.perf_counter()
    it = await see.books.months(who, directory, *months)
    seconds = time.perf_counter() - begun
    orders, balanced = sum(cost.orders for cost in it.costs), not it.unbalanced
    return {"seconds": seconds, "orders": orders, "balanced": balanced}


async def journals(who: Principal, directory: Directory, _: tuple[str, str]) -> dict[str, Any]:
    """Write the journals of the whole ledger, one after the other; postings a second of each."""
    told: dict[str, Any] = {}
    for name in see.ledger.JOURNALS:
        begun, count = time.perf_counter(), 0
        with tempfile.TemporaryFile("w") as file:
            async for piece in see.ledger.written(who, directory, name):
                file.write(piece)
                count += piece.count("\n\n")
        told[name] = (count - 1) / (time.perf_counter() - begun)
    return told


async def whole(who: Principal, directory: Directory, months: tuple[str, str]) -> dict[str, Any]:
    """Write the pack."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pack.zip"
        async with see.books.packed(who, directory, *months, most=None) as it:
            manifest = await pack.write(it, path)
        size = path.stat().st_size
    differ = [check.what for check in pack.differing(manifest)]
    rows = {file.name: file.rows for file in manifest.files}
    return {"seconds": time.perf_counter() - begun, "mb_zip": size / 1e6, "differ": differ, "rows": rows}


_WHAT = {"figures": figures, "journals": journals, "pack": whole}


async def main() -> None:
    """Do as told and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("workspace", "begin", "end"):
        parser.add_argument(name)
    parser.add_argument("what", choices=list(_WHAT))
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    profiler = cProfile.Profile() if given.profile else None
    settle()
    async with opened(settings.read(), as_it_is=True) as (directory, _):
        ws = await directory.workspace(given.workspace)
        if ws is None:
            raise LookupError(given.workspace)
        if profiler is not None:
            profiler.enable()
        told = await _WHAT[given.what](OPERATOR.at(ws), directory, (given.begin, given.end))
        if profiler is not None:
            profiler.disable()
            profiler.dump_stats(given.profile)
    print(json.dumps({**told, "mb": peak()}))


def peak() -> float:
    """Return the most memory that this process had, in MB."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError("this system does not say how much memory a process had")
    return int(found[1]) / 1_000


if __name__ == "__main__":
    uvloop.run(main())
