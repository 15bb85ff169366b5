"""Simulation: the real application on a real PostgreSQL, with simulated time, clients, provider, and faults by chance.

``make faults WORK=simulation SEED=N COUNT=1`` repeats a run, and tells what it did: a seed gives the same run each time, but for what
meets a restart or a migration, which take real time. A run is a company that trades while five or so faults come about, one after
the other; then everything settles and is held against what the world saw.
"""

import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from inspect import iscoroutinefunction
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import asyncpg
from faults import simulate_dealings, simulate_said, simulate_trouble
from faults.part import Progress, Result
from faults.place import Place
from faults.simulate_checks import check, settle
from faults.simulate_corrections import MOVES
from faults.simulate_moves import Move, prepared, sell
from faults.simulate_rail import MANNERS
from faults.simulate_strikes import Strikes, opened
from faults.simulate_time import Clock, simulated
from faults.simulate_world import Ground, World
from testkit.database import name_of
from testkit.product import postmaster_of

from goodword.core import calendar, events
from goodword.store.embedded_place import find_place
from goodword.store.migrations import add_partitions
from goodword.store.vault import MasterKey

QUICK, FULL = 100, 3_000
_FAULTS = 5
_COSTLY_EACH = 50  # seeds


def _kinds(module: ModuleType) -> dict[str, Move]:
    """Return what a module brings about: each of its own public coroutines, by its name in words."""
    return {
        name.replace("_", " "): kind
        for name, kind in vars(module).items()
        if iscoroutinefunction(kind) and kind.__module__ == module.__name__ and not name.startswith("_")
    }


#: The kinds of fault, by name. Every seed brings about some of them.
KINDS: dict[str, Move] = {
    **_kinds(simulate_said),
    **_kinds(simulate_trouble),
    **simulate_trouble.STRUCK,
    **_kinds(simulate_dealings),
    **{f"provider {what}": simulate_dealings.met(manner) for what, manner in MANNERS.items()},
}
#: Those that take seconds come about seldom.
COSTLY = ("database restarted",)
#: Faults of parts that the product does not have.
NOT_THERE_YET = (
    "webhook receiver lies or repeats, webhook dead letter, gift provider out of stock, discount codes used up, Segment batch"
    " cut, Stripe and Shopify deliveries out of order, message channel bounces"
)

#: What comes from outside and what people say: every type of it must happen in many runs.
#: What happens in a simulated company. It has two owners from the start, so that nobody in it has to prove to be a second person.
TYPES = frozenset(
    str(kind.__struct_config__.tag) for kind in (*events.OUTSIDE, *events.COMMANDS) if kind is not events.MemberProved
)

#: Where runs begin: ordinary days, leap days, changes of the hour in both hemispheres, ends of years.
STARTS = (
    "2024-01-15T09:00:00Z", "2024-02-28T23:59:00Z", "2024-02-29T12:00:00Z", "2024-03-10T06:59:00Z", "2024-03-31T00:59:59Z",
    "2024-04-06T15:00:00Z", "2024-10-27T00:30:00Z", "2024-11-03T05:59:59Z", "2024-12-31T22:59:59Z", "2024-06-30T23:59:59Z",
)  # fmt: skip
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")


def rules(random: Random) -> dict[str, Any]:
    """A program's rules, as they may be."""
    advocate: dict[str, Any] = {"side": "advocate", "percent": random.choice(("10", "12.5", "33.333333"))}
    if random.random() < 0.5:
        advocate["limits"] = [
            {"per": random.choice(("day", "week", "month", "quarter")), "count": random.randint(2, 6)}
        ]
    if random.random() < 0.3:
        advocate["cap"] = {"EUR": 4_000, "JPY": 9_000, "BHD": 40_000}
    conversion: dict[str, Any] = {
        "rewards": [advocate, {"side": "friend", "kind": "credit", "flat": {"EUR": 500, "JPY": 700, "BHD": 1_234}}]
    }
    if random.random() < 0.4:
        conversion["counts"] = {"months": random.choice((1, 3))}
    found: dict[str, Any] = {
        "program": "main",
        "currency": "EUR",
        "timezone": random.choice(ZONES),
        "hold": random.choice(("0d", "1d", "36h")),
        "conversions": [conversion],
        "landing_url": "https://shop.example/welcome",
    }
    if random.random() < 0.5:
        found["credit"] = {"expires": random.choice(("10d", "40d"))}
    if random.random() < 0.3:
        found["budget"] = {"EUR": 30_000, "JPY": 90_000, "BHD": 200_000}
    if random.random() < 0.3:
        found["review"] = {"over": {"EUR": 3_000, "JPY": 9_000, "BHD": 30_000}, "velocity": {"count": 3, "per": "week"}}
    return found


async def run_seed(ground: Ground, seed: int) -> World:
    """Run a seed; returns what came of it."""
    random = Random(seed)  # noqa: S311 - the same run each time
    clock = Clock(calendar.parse(random.choice(STARTS)))
    kinds = chosen(seed, random)
    with simulated(clock, Random(seed + 1)):  # noqa: S311
        world = World(ground, clock, random)
        try:
            await world.furnish(rules(random))
            await _story(world, kinds)
            await settle(world)
            world.wrong = await check(world)
        except Exception as error:
            logging.getLogger(__name__).debug("a run broke off", exc_info=True)
            world.wrong.append(f"the run broke off: {type(error).__name__}: {error}")
        await _retire(world)
    return world


def chosen(seed: int, random: Random) -> list[str]:
    """Return the faults of a seed: every kind has its turn, in an order that changes."""
    cheap = [name for name in KINDS if name not in COSTLY]
    first = seed * (_FAULTS - 1)
    found = [cheap[(first + n) % len(cheap)] for n in range(_FAULTS - 1)] + [random.choice(cheap)]
    random.shuffle(found)
    if seed % _COSTLY_EACH == 0:
        found.append(COSTLY[seed // _COSTLY_EACH % len(COSTLY)])
    return found


async def _story(world: World, kinds: list[str]) -> None:
    random = world.random
    opening = random.choice((sell, prepared))
    world.story.append(opening.__name__)
    await opening(world)
    for kind in kinds:
        for _ in range(random.randint(0, 2)):
            move = random.choice(MOVES)
            world.story.append(move.__name__)
            await move(world)
        world.story.append(f"[{kind}]")
        await KINDS[kind](world)
        world.struck[kind] += 1
        for server in world.servers:
            server.strikes.disarm()


async def _retire(world: World) -> None:
    """Take the workspace's open work away, so that no other run meets it; the digest of its log is known before."""
    owner, ws = world.ground.owner, world.workspace.id
    digest = "select md5(string_agg(leaf, '' order by position)) from log where workspace_id = $1"
    world.root = str(await world.insist(lambda: owner.fetchval(digest, ws)))
    for table in ("stream", "job", "undecided", "event"):
        await owner.execute(f"delete from {table} where workspace_id = $1", ws)


@asynccontextmanager
async def ground(dsn: str, folder: Path, restart: Callable[[], None]) -> AsyncIterator[Ground]:
    """Yield what runs stand on, on a migrated database of their own. ``restart`` stops PostgreSQL at once."""
    owner = await asyncpg.create_pool(dsn, min_size=1, max_size=3)
    partitions = "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'touch'::regclass"
    for row in await owner.fetch(partitions):
        await owner.execute(f"drop table {row['name']}")
    await add_partitions(owner, date(2024, 1, 1))  # of the simulated years
    await owner.execute(f"alter database {name_of(dsn)} set deadlock_timeout = '10ms'")
    strikes = (Strikes(), Strikes())
    pools = (await opened(dsn, strikes[0]), await opened(dsn, strikes[1]))
    masters = (MasterKey(bytes.fromhex(os.environ["GOODWORD_MASTER_KEY"])),)
    try:
        yield Ground(dsn, pools, strikes, owner, masters, folder, restart)
    finally:
        for pool in (*pools, owner):
            pool.terminate()


def _restart(place_: Place) -> None:
    """Let PostgreSQL stop at once, as by `pg_ctl stop -m immediate`; whoever holds it starts it again."""
    os.kill(postmaster_of(find_place(place_.home).folder), signal.SIGQUIT)


async def run(place_: Place, quick: bool) -> Result:
    """The part of `make faults`."""
    count = int(os.environ.get("COUNT") or (QUICK if quick else FULL))
    seeds = range(place_.seed, place_.seed + count)
    progress = Progress("simulation, seeds", len(seeds))
    struck, outcomes, reached, examples = Counter[str](), Counter[str](), Counter[str](), []
    async with place_.database() as dsn, ground(dsn, place_.home / "edge", lambda: _restart(place_)) as ground_:
        for seed in seeds:
            done = await run_seed(ground_, seed)
            struck += done.struck
            outcomes += done.outcomes
            reached += done.reached
            if done.wrong:
                examples.append(f"seed {seed}: {'; '.join(done.wrong[:4])} | {' '.join(done.story)}")
                print(examples[-1], file=sys.stderr, flush=True)
            progress.one(bool(done.wrong))
            if count == 1:
                print(f"seed {seed} {done.root}: {' '.join(done.story)}\n    {dict(sorted(done.outcomes.items()))}")
    never = sorted(TYPES - reached.keys())
    if never and count >= QUICK:
        examples.append(f"never happened: {', '.join(never)}")
    met, happened = (", ".join(f"{name} {times}" for name, times in sorted(of.items())) for of in (struck, reached))
    what = f"{count} seeds, {struck.total()} faults of {len(struck)} kinds among {outcomes.total()} answers"
    notes = (f"faults: {met}", f"events: {happened}", f"not tried: {NOT_THERE_YET}")
    return Result("simulation", what, count, len(examples), tuple(examples), notes)
