"""The benchmarks, each beside pgbench on the same server in the same minutes: `make bench`, `make bench QUICK=1 WORK=name`.

A round of a work and a round of the peer take turns, so that both meet the same machine. Rates are medians of the rounds;
the spread is their range over the median: on a machine that others use, compare processor time and ratios, not rates.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any, NamedTuple

from load import percentile
from pgbench import NAME, Pgbench
from place import Place, place
from works import WORKS, Work

RESULTS = Path(__file__).resolve().parent / "results" / "latest.json"


class Measured(NamedTuple):
    """One round: operations, seconds, and seconds of processor time on our side and on PostgreSQL's."""

    operations: int
    seconds: float
    ours: float
    postgres: float

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds


async def measure(place_: Place, peer: Pgbench, work: Work, *, rounds: int, size: int, seconds: int) -> dict[str, Any]:
    """Give the figures of a work and of its peer."""
    prepared = await work.prepare(place_)
    await prepared.do(prepared.make(size // 5))  # so that plans and caches are those of a running server
    latencies: list[float] = []
    ours: list[Measured] = []
    theirs: list[Measured] = []
    for _ in range(rounds):
        requests = prepared.make(size)
        before = place_.spent()
        done = await prepared.do(requests)
        after = place_.spent()
        ours.append(Measured(done.operations, done.seconds, after[0] - before[0], after[1] - before[1]))
        latencies += done.latencies
        turn = await asyncio.to_thread(peer.turn, seconds)
        theirs.append(Measured(turn.transactions, turn.seconds, turn.client, place_.spent()[1] - after[1]))
    rate, peer_rate = (statistics.median(one.rate for one in them) for them in (ours, theirs))
    return {
        "work": work.name,
        "rate": round(rate),
        "p50_ms": round(percentile(latencies, 0.50), 2),
        "p99_ms": round(percentile(latencies, 0.99), 2),
        "cpu_us_ours": _each(ours, "ours"),
        "cpu_us_postgres": _each(ours, "postgres"),
        "peer": {
            "name": NAME,
            "rate": round(peer_rate),
            "cpu_us_client": _each(theirs, "ours"),
            "cpu_us_postgres": _each(theirs, "postgres"),
            "spread": _spread(theirs),
        },
        "ratio_to_peer": round(rate / peer_rate, 2),
        "ratio_to_limit": None,
        "spread": _spread(ours),
    }


def _each(rounds: list[Measured], side: str) -> float:
    """Give microseconds of processor time an operation."""
    return round(sum(getattr(one, side) for one in rounds) * 1e6 / sum(one.operations for one in rounds), 1)


def _spread(rounds: list[Measured]) -> float:
    rates = [one.rate for one in rounds]
    return round((max(rates) - min(rates)) / statistics.median(rates), 2)


def show(work: Work, found: dict[str, Any]) -> None:
    """Print the figures of a work."""
    peer = found["peer"]
    print(f"{work.name}: {found['rate']:,} a second ({work.operation}), spread {found['spread']:.0%}")
    print(f"    a request took {found['p50_ms']} ms at the median, {found['p99_ms']} ms at the 99th percentile")
    print(f"    processor time each: {found['cpu_us_ours']} us ours, {found['cpu_us_postgres']} us PostgreSQL's")
    print(f"    {peer['name']}: {peer['rate']:,} a second, spread {peer['spread']:.0%}")
    print(f"    processor time each: {peer['cpu_us_client']} us pgbench's, {peer['cpu_us_postgres']} us PostgreSQL's")
    print(f"    ratio to the peer: {found['ratio_to_peer']}")


async def run(place_: Place, names: list[str], *, quick: bool) -> list[dict[str, Any]]:
    """Measure the works of these names (none: all) on one server and print the figures."""
    results = []
    await place_.open()
    print("durable: fsync, synchronous_commit and full_page_writes are on; the server is a process with its worker")
    peer = Pgbench(place_.embedded.dsn, place_.embedded.bin)
    await asyncio.to_thread(peer.prepare)
    for work in WORKS:
        if not names or work.name in names:
            size = work.size // 4 if quick else work.size
            found = await measure(place_, peer, work, rounds=2 if quick else 5, size=size, seconds=2 if quick else 5)
            show(work, found)
            results.append(found)
    await place_.database.close()
    return results


def main() -> None:
    """Read arguments or the environment, measure, write results/latest.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", nargs="*", default=os.environ.get("WORK", "").split(), help="names of works; none: all")
    parser.add_argument(
        "--quick", action="store_true", default=bool(os.environ.get("QUICK")), help="fewer, shorter rounds"
    )
    given = parser.parse_args()
    unknown = set(given.work) - {work.name for work in WORKS}
    if unknown:
        sys.exit(f"there is no work {', '.join(sorted(unknown))}; there are {', '.join(w.name for w in WORKS)}")
    with place() as place_:
        results = asyncio.run(run(place_, given.work, quick=given.quick))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
