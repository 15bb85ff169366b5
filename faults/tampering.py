"""Tampering by a superuser: verification beside the public key and one older head that was kept elsewhere finds every change.

First each column of each protected table by itself, the row by name; then edits, deletions, insertions, reorderings, truncations and
re-signings at random, each on the whole workspace and rolled back. What cannot be found is shown not to be, and printed.
"""

import asyncio
import multiprocessing
import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import asyncpg
from faults.forging import KINDS, Forger
from faults.part import Progress, Result
from faults.place import Place
from tests.acceptance import test_tamper as shapes
from tests.acceptance.harness import opened, sale

from goodword.app.audit import Report, examine, verify
from goodword.store import audit, vault
from goodword.store.log import Head

_TRIALS = 10_000
_TRIALS_QUICK = 40
_UNTOUCHED_EVERY = 50
_TABLES = """select relname from pg_class where relnamespace = 'public'::regnamespace
             and relkind in ('r', 'p') and not relispartition order by relname"""
_INSIDE = {*shapes.KEYS, "stream", "migration"}
_context = multiprocessing.get_context("forkserver")


class _Tried(NamedTuple):
    """What came of a run of trials: how many of each kind, on untouched copies, and what was not found, or found for nothing."""

    kinds: Counter[str]
    untouched: int
    wrong: tuple[str, ...]


async def run(place: Place, quick: bool) -> Result:
    """Tamper with copies of a workspace that has every noun. ``quick``: fewer random trials."""
    trials = _TRIALS_QUICK if quick else _TRIALS
    hands = 2
    async with place.database() as whole:
        ws = await shapes._fill(whole)
        [kept] = await _heads(whole, ws)
        wrong: list[str] = []
        columns = await _systematically(whole, ws, wrong)
        tried = _Tried(Counter(), 0, ())
        async with place.database(whole) as one, place.database(whole) as two:
            with ProcessPoolExecutor(hands, mp_context=_context) as pool:
                loop = asyncio.get_running_loop()
                shares = [
                    loop.run_in_executor(pool, _child, dsn, ws, kept, place.seed + n, trials // hands)
                    for n, dsn in enumerate((one, two))
                ]
                for done in await asyncio.gather(*shares):
                    tried = _Tried(tried.kinds + done.kinds, tried.untouched + done.untouched, tried.wrong + done.wrong)
        notes = await _beyond(place, whole, ws, kept, wrong)
    wrong += tried.wrong
    random_ones = ", ".join(f"{times:,} {kind}" for kind, times in sorted(tried.kinds.items()))
    what = (
        f"each of {columns} columns of {len(shapes.KEYS)} tables, row by name; at random, SEED {place.seed}: {random_ones};"
        f" no alarm on {tried.untouched} untouched copies"
    )
    if quick:
        what = f"QUICK: fewer at random; {what}"
    total = columns + tried.kinds.total() + tried.untouched
    return Result(
        "tampering", what, total, len(wrong), tuple(wrong), tuple(f"cannot be found: {note}" for note in notes)
    )


async def _systematically(dsn: str, ws: str, wrong: list[str]) -> int:
    """Change each column of each protected table by itself; gives how many there are."""
    conn = await asyncpg.connect(dsn)
    count = 0
    for table in shapes.KEYS:
        wanted = {
            (column, type_): await shapes.pick(conn, ws, table, shapes._telling(table, column, type_), most=40)
            for column, type_ in await shapes._columns(conn, table)
            if (table, column) not in shapes.OUTSIDE
        }
        count += len(wanted)
        while wanted:
            trial = conn.transaction()
            await trial.start()
            edited = await shapes._edit(conn, wanted)
            found = (await examine(conn, ws)).differences
            await trial.rollback()
            if not edited:
                wrong += [f"{table}.{column} cannot be changed at all" for column, _ in wanted]
                break
            for (column, type_), rows in edited.items():
                if not any(shapes.named(found, row) for row in rows):
                    wrong.append(f"{table}.{column} was changed and its row is not named")
                del wanted[column, type_]
    await conn.close()
    return count


def _child(dsn: str, ws: str, kept: Head, seed: int, trials: int) -> _Tried:
    return asyncio.run(_at_random(dsn, ws, kept, seed, trials))


async def _at_random(dsn: str, ws: str, kept: Head, seed: int, trials: int) -> _Tried:
    chance = random.Random(seed)  # noqa: S311 - which rows, again by the seed
    conn = await asyncpg.connect(dsn)
    forger = Forger(conn, ws, chance)
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    untouched = 0
    progress = Progress(f"tampering, seed {seed}", trials)
    for number in range(trials):
        if number % _UNTOUCHED_EVERY == 0:
            untouched += 1
            alarms = (await examine(conn, ws, kept)).differences
            wrong += [f"seed {seed}, trial {number}: false alarm: {one}" for one in alarms]
        trial = conn.transaction()
        await trial.start()
        [kind] = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])
        said = await KINDS[kind][1](forger)
        found = (await examine(conn, ws, kept)).differences
        await trial.rollback()
        kinds[kind] += 1
        if not found:
            wrong.append(f"seed {seed}, trial {number}: {said}: not found")
        progress.one(not found)
    await conn.close()
    return _Tried(kinds, untouched, tuple(wrong))


async def _heads(dsn: str, ws: str) -> list[Head]:
    conn = await asyncpg.connect(dsn)
    try:
        return await audit.heads(conn, ws)
    finally:
        await conn.close()


async def _beyond(place: Place, whole: str, ws: str, kept: Head, wrong: list[str]) -> list[str]:
    """Show what no verification can find, or none without a head of before; each is tried, so that this list stays true."""

    def expect(what: str, report: Report, *, found: bool) -> None:
        if bool(report.differences) is not found:
            wrong.append(f"{what} is {'not ' if found else ''}found: {report.differences[:3]}")

    async with place.database(whole) as later, opened(later, ws) as house, opened(whole, ws) as earlier:
        newer = await shapes.sign(house)
        await house.send(sale("later"))
        await house.decide()
        newest = await shapes.sign(house)
        expect("a database turned back", await verify(earlier.pool, ws, kept), found=False)
        expect("a database turned back, beside a newer head", await verify(earlier.pool, ws, newest), found=True)
        conn = await asyncpg.connect(later)
        await conn.execute("delete from log_head where size = $1", newer.size)
        expect("a deleted head", await verify(house.pool, ws, kept), found=False)
        expect("a deleted head, beside itself", await verify(house.pool, ws, newer), found=True)
        await house.send(sale("undecided"))
        await conn.execute("delete from event where position is null")
        expect("a deleted undecided event", await verify(house.pool, ws, kept), found=False)
        key = vault.new_key()
        await conn.execute("update workspace_secret set public = $1 where purpose = 'signing'", vault.public_key(key))
        await conn.execute("delete from log_head")
        expect("another signing key", await verify(house.pool, ws), found=False)
        expect("another signing key, beside a head", await verify(house.pool, ws, kept), found=True)
        outside = [row["relname"] for row in await conn.fetch(_TABLES) if row["relname"] not in _INSIDE]
        await conn.close()
    reasons = [
        f"a change of {'.'.join(name)}: {why}" for name, why in shapes.OUTSIDE.items() if "workspace_id" not in name
    ]
    return [
        "a database turned back as a whole to an older moment, but by a head that was kept elsewhere and is newer than that",
        "a log made anew as a whole and signed with another key, but by a head that was kept elsewhere, which has the public key",
        "a signed head that is deleted here, but by who kept it elsewhere",
        "an accepted event that is deleted before it is decided, which takes milliseconds as a rule",
        f"changes of what nothing is decided by again: {', '.join(outside)} (of event, its place in the log is protected)",
        *reasons,
    ]
