"""Fuzzing: every decoder gets what is right, almost right, and wrong, by Hypothesis and a seed; none may break.

An answer is a success, or a problem document with a stable code; what is refused leaves nothing behind, what is acknowledged is
stored, decided and verifies. What fails is printed with the smallest input that fails so. ``make faults WORK=fuzzing`` heeds
SEED, COUNT (of inputs for each decoder) and ONLY (words in the names of decoders) in the environment.
"""

import os
from collections import Counter
from pathlib import Path

import msgspec
from faults.fuzz_collectors import collectors
from faults.fuzz_console import pages
from faults.fuzz_decoders import DECODERS as BASE
from faults.fuzz_decoders import numbered
from faults.fuzz_house import Fuzz, installed
from faults.fuzz_samples import EVENTS
from faults.part import Result
from faults.place import Place
from faults.simulate_request import request
from testkit.load import bearer

from goodword.app.proof import audit
from goodword.app.write import process

DECODERS = {**BASE, "collectors": collectors, "pages": pages}
QUICK, FULL = 2_000, 100_000
NOT_TRIED = "webhooks of Stripe and Shopify, files that are brought in, cookies of the portal"


async def one_decoder(dsn: str, home: Path, name: str, chance: int, count: int) -> Fuzz:
    """Try a decoder so often on a database of its own, with a history that does not grow with the other decoders."""
    async with installed(dsn, home) as fuzz:
        await _history(fuzz)
        inputs, check = await DECODERS[name](fuzz)
        await fuzz.give(name, inputs, check, chance, count)
        await _finish(fuzz)
        return fuzz


async def _history(fuzz: Fuzz) -> None:
    """Some of everything is there, so that not all that is asked for is unknown."""
    suffixes = ["", *map(str, range(1, 21))]
    items = [numbered(sample, {}, fuzz.number(), suffix) for suffix in suffixes for sample in EVENTS]
    headers, body = bearer(fuzz.made.write_key), msgspec.json.encode(items)
    reply = await request(fuzz.goodword.app, "POST", "/v1/events", headers=headers, body=body)
    fuzz.accepted |= {answer["id"] for answer in reply.json()["items"] if answer["status"] == "accepted"}
    await process.drain(fuzz.goodword.engine, fuzz.made.id)


async def _finish(fuzz: Fuzz) -> None:
    """What was acknowledged is stored and nothing else is; all of it can be decided, and verifies."""
    pool, ws = fuzz.goodword.pool, fuzz.made.id
    rows = await pool.fetch("select id from event where workspace_id = $1 and source = 'native'", ws)
    unlike = {row["id"] for row in rows} ^ fuzz.accepted
    if unlike:
        fuzz.wrong.append(f"stored and not acknowledged, or the other way: {sorted(unlike)[:5]}")
    await process.drain(fuzz.goodword.engine, ws)
    for row in await process.quarantined(pool, ws):
        if row.trace:
            fuzz.wrong.append(f"set aside: {row.body[:1000]!r} {row.trace[-500:]}")
    codes = "select distinct code from rejection where workspace_id = $1 and code in ('not_mapped', 'not_storable')"
    fuzz.wrong += [f"an item was {row['code']}" for row in await pool.fetch(codes, ws)]
    report = await audit.verify(pool, ws)
    fuzz.wrong += [f"verify: {one.noun} {one.key}: {one.what}" for one in report.differences[:5]]


async def run(place: Place, quick: bool) -> Result:
    """The part of `make faults`."""
    count = int(os.environ.get("COUNT") or (QUICK if quick else FULL))
    home = place.home / "fuzz"
    home.mkdir(exist_ok=True)
    tried: dict[str, Fuzz] = {}
    for name in DECODERS:
        if os.environ.get("ONLY", "") in name:
            async with place.database() as dsn:
                tried[name] = await one_decoder(dsn, home, name, place.seed, count)
    answers = sum((fuzz.answers for fuzz in tried.values()), Counter[str]())
    notes = (
        f"inputs of Hypothesis, seed {place.seed}: {', '.join(f'{name} {one.tried:,}' for name, one in tried.items())}",
        f"answers: {', '.join(f'{name} {number:,}' for name, number in sorted(answers.items()))}",
        f"not tried: {NOT_TRIED}",
    )
    wrong = tuple(one for fuzz in tried.values() for one in fuzz.wrong)
    what = f"{len(tried)} decoders given what is right, almost right and wrong"
    return Result("fuzzing", what, sum(fuzz.tried for fuzz in tried.values()), len(wrong), wrong, notes)
