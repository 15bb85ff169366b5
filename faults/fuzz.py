"""Fuzzing: every decoder gets what is right, almost right, and wrong, by a seeded chance; none may break.

``python -m faults.fuzz --seed N --count M`` runs by hand. An answer is a success, or a problem document with a stable code;
what is refused leaves nothing behind, what is acknowledged is stored, decided and verifies. Hypothesis looks for the smallest wrong
input in the test of each decoder; here the whole application gets many, of every shape that its samples can be bent into.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections import Counter

from faults.fuzz_decoders import DECODERS
from faults.fuzz_house import Fuzz, installed
from faults.part import Result, printed
from faults.place import Place, place

from goodword.app import audit, process

QUICK, FULL = 2_000, 100_000
NOT_THERE_YET = (
    "Segment's paths",
    "webhooks of Stripe and Shopify",
    "CSV uploads",
    "cookies of the portal and the console",
)


async def finish(fuzz: Fuzz) -> None:
    """What was acknowledged is stored and nothing else is; all of it can be decided, and verifies."""
    pool, ws = fuzz.goodword.pool, fuzz.made.id
    stored = {
        row["id"] for row in await pool.fetch("select id from event where workspace_id = $1 and source = 'native'", ws)
    }
    fuzz.expect(
        stored == fuzz.accepted, f"stored and not acknowledged, or the other way: {sorted(stored ^ fuzz.accepted)[:5]}"
    )
    await process.drain(pool, ws)
    for row in await process.quarantined(pool, ws):
        if row.trace:
            fuzz.wrong.append(f"set aside: {row.body[:1000]!r} {row.trace[-500:]}")
    report = await audit.verify(pool, ws)
    fuzz.wrong += [f"verify: {one.noun} {one.key}: {one.what}" for one in report.differences[:5]]


async def all_decoders(fuzz: Fuzz, count: int) -> Result:
    """Try each decoder so often and sum up. ONLY: words in the name of a decoder."""
    tried: Counter[str] = Counter()
    only = os.environ.get("ONLY", "")
    for name, decoder in DECODERS.items():
        if only not in name:
            continue
        tried[name] = await decoder(fuzz, count)
        if name == "native events":
            await process.drain(fuzz.goodword.pool, fuzz.made.id)
    await finish(fuzz)
    notes = (
        f"inputs: {', '.join(f'{name} {number:,}' for name, number in tried.items())}",
        f"answers: {', '.join(f'{name} {number:,}' for name, number in sorted(fuzz.answers.items()))}",
        f"not there yet, so not tried: {', '.join(NOT_THERE_YET)}",
    )
    what = f"{len(tried)} decoders given what is right, almost right and wrong"
    return Result("fuzzing", what, tried.total(), len(fuzz.wrong), tuple(fuzz.wrong), notes)


async def run(place_: Place, quick: bool, count: int | None = None) -> Result:
    """The part of `make faults`."""
    home = place_.home / "fuzz"
    home.mkdir(exist_ok=True)
    async with place_.database() as dsn, installed(dsn, home, place_.seed) as fuzz:
        return await all_decoders(fuzz, count or (QUICK if quick else FULL))


def main() -> None:
    """Run by hand."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--count", type=int, default=QUICK)
    given = parser.parse_args()
    logging.disable(logging.ERROR)
    with place() as place_:
        place_.seed = place_.seed if given.seed is None else given.seed
        good = asyncio.run(printed(run(place_, quick=True, count=given.count)))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
