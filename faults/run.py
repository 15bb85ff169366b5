"""What goes wrong, made to go wrong: `make faults`, `make faults QUICK=1 WORK=name`.

Each part makes one kind of trouble on a real PostgreSQL and counts what does not survive it. A part is a line in ``PARTS``.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import traceback
from collections.abc import Awaitable

from faults import crash_points, fuzz, merkle, migrate, overload, races, simulate, stress, tampering
from faults.part import Part, Result, printed
from faults.place import Place, place

PARTS: dict[str, Part] = {
    "crash_points": crash_points.run,
    "merkle": merkle.run,
    "races": races.run,
    "stress": stress.run,
    "tampering": tampering.run,
    "simulation": simulate.run,
    "fuzzing": fuzz.run,
    "migration": migrate.run,
    "overload": overload.run,
}


async def run(place_: Place, names: list[str], *, quick: bool) -> bool:
    """Run the parts of these names (none: all) and print what came of each; tells whether all is good."""
    if task := asyncio.current_task():  # so that what is under way is left in order
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    good = True
    for name, part in PARTS.items():
        if names and name not in names:
            continue
        good &= await printed(_result(name, part(place_, quick)))
    return good


async def _result(name: str, doing: Awaitable[Result]) -> Result:
    """Return what came of a part, also of one that broke off: the others are run all the same."""
    try:
        return await doing
    except Exception:  # noqa: BLE001 - told with the result
        return Result(name, "it broke off", 1, 1, (traceback.format_exc(),))


def main() -> None:
    """Read arguments or the environment and run; ends with 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", nargs="*", default=os.environ.get("WORK", "").split(), help="names of parts; none: all")
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")), help="try less")
    given = parser.parse_args()
    unknown = set(given.work) - PARTS.keys()
    if unknown:
        sys.exit(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    logging.disable(logging.ERROR)  # the trouble is wanted; what comes of it is looked at
    with place() as place_:
        good = asyncio.run(run(place_, given.work, quick=given.quick))
    sys.exit(0 if good else 1)
