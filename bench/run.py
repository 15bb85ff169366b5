"""The benchmarks, each beside its peers on one machine in the same minutes: `make bench`, `make bench QUICK=1 WORK=name`."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import against
import hot
import uvloop
from report import Outcome, judge
from stage import Stage
from works import (
    console,
    followers,
    growth,
    ingest,
    instant,
    jobs,
    latency,
    messages,
    pack,
    payout_run,
    portal,
    reads,
    reconcile,
    redirect,
    replay,
    start,
    two_workers,
    untidy,
    webhooks_out,
)

QUICK = 280.0  # seconds; stopping what runs takes some more
RESULTS = Path(__file__).resolve().parent / "results" / "latest.json"

#: Measures one work.
Work = Callable[[Stage], Awaitable[Outcome]]

WORKS: dict[str, Work] = {
    "redirect": redirect.redirects,
    "ingest_batch": ingest.batches,
    "ingest_single": ingest.singles,
    "segment_batch": ingest.segment,
    "latency": latency.latency,
    "instant": instant.instant,
    "two_workers": two_workers.two_workers,
    "reads": reads.reads,
    "replay": replay.replay,
    "payout_run": payout_run.payout_run,
    "pack": pack.pack,
    "pain001": payout_run.pain001,
    "reconcile": reconcile.reconcile,
    "jobs": jobs.jobs_done,
    "webhooks_out": webhooks_out.webhooks_out,
    "messages": messages.messages_sent,
    "followers": followers.followers,
    "start": start.start,
    "growth": growth.growth,
    "console": console.console,
    "portal": portal.portal,
    "one_customer": untidy.one_customer,
    "one_invoice": untidy.one_invoice,
    "big_case": untidy.big_case,
    "long_list": untidy.long_list,
}


async def run(names: Sequence[str], *, quick: bool, kept: Path | None) -> list[dict[str, Any]]:
    """Measure these works, print what comes of each, and give their rows."""
    task = asyncio.current_task()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)  # type: ignore[union-attr]
    results: list[dict[str, Any]] = []
    short = []
    ends = asyncio.get_running_loop().time() + QUICK if quick else None
    async with Stage(quick=quick, kept=kept) as stage:
        print(f"{os.cpu_count()} cores; load before: {os.getloadavg()[0]:.2f}")
        print("durable: fsync, synchronous_commit and full_page_writes are on for all; the server has its worker in it")
        for name in names:
            begun = time.perf_counter()
            try:
                async with asyncio.timeout_at(ends):
                    reached = await _measure(name, stage, results)
            except TimeoutError:
                print(f"\n{name} was not ended: the five minutes of QUICK are over")
                reached = False
            except Exception as error:  # noqa: BLE001 - one work's trouble must not hide the figures of the others
                print(f"\n{name} failed: {type(error).__name__}: {error}")
                reached = False
            if not reached:
                short.append(name)
            print(f"  {name} took {time.perf_counter() - begun:.0f} s in all")
    print(f"\nfell short or failed: {', '.join(short) or 'none'}")
    return results


async def _measure(name: str, stage: Stage, results: list[dict[str, Any]]) -> bool:
    """Measure a work, add its row, and show where its time goes if it falls short; whether it reached its goals."""
    outcome = await WORKS[name](stage)
    results.append(outcome.row)
    reached = judge(outcome.goals)
    if outcome.profile and (not reached or outcome.wanting):
        stats = RESULTS.with_name(f"{name}.prof")
        hot.show(stats, await outcome.profile(stage.seconds, stats))
    return reached


def main() -> None:
    """Read arguments or the environment, measure, write results/latest.json."""
    RESULTS.parent.mkdir(exist_ok=True)
    logging.getLogger("goodword.store.embedded").setLevel(logging.CRITICAL)  # PostgreSQL is killed on purpose
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", nargs="*", default=os.environ.get("WORK", "").split(), help="names of works; none: all")
    for flag, what in (("quick", "fewer, shorter rounds"), ("base", "beside the commit that bench/base names")):
        set_ = bool(os.environ.get(flag.upper()))
        parser.add_argument(f"--{flag}", action="store_true", default=set_, help=what)
    kept = os.environ.get("KEPT") or None
    parser.add_argument(
        "--kept", type=Path, default=kept, help="a folder in which console keeps its histories for the next run"
    )
    given = parser.parse_args()
    works = against.WORKS if given.base else WORKS
    if unknown := set(given.work) - works.keys():
        beside = " to be compared with the base" if given.base else ""
        sys.exit(f"there is no work {', '.join(sorted(unknown))}{beside}; there are {', '.join(works)}")
    if given.base:
        uvloop.run(against.compared(quick=given.quick, names=given.work))
        return
    results = None
    with contextlib.suppress(asyncio.CancelledError):
        names = [name for name in WORKS if name in given.work or not given.work]
        results = uvloop.run(run(names, quick=given.quick, kept=given.kept))
    if results is None:
        sys.exit("interrupted")
    if not results:
        sys.exit("nothing was measured")
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"written to {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    main()
