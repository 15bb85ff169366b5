"""Tampering by a superuser: verification beside the public key and one older head that was kept elsewhere finds every change.

First each column of each protected table by itself, the row by name; then edits, deletions, insertions, reorderings, truncations and
re-signings at random, each on the whole workspace and rolled back; then the same on the file of its exported log, verified without
the database. What cannot be found is shown not to be, and printed.
"""

import asyncio
import multiprocessing
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial
from typing import Any

from faults import tampering_export
from faults.forging import KINDS, Forger
from faults.part import Result
from faults.place import Place
from faults.tampering_export import Export, Tried, exported, together, trials
from testkit.database import connected
from testkit.house import environment_vault, opened, sale
from testkit.tampering import KEYS, OUTSIDE, fill, unnamed

from goodword.app.proof.audit import Report, examine, verify
from goodword.store import audit, vault
from goodword.store.log import Head

_TRIALS = 10_000
_TRIALS_QUICK = 40
_HANDS = 2
_context = multiprocessing.get_context("forkserver")


async def run(place: Place, quick: bool) -> Result:
    """Tamper with copies of a workspace that has every noun. ``quick``: fewer random trials."""
    times = _TRIALS_QUICK if quick else _TRIALS
    async with place.database() as whole:
        ws = await fill(whole)
        columns, wrong = 0, list[str]()
        async with connected(whole) as conn:
            [kept] = await audit.heads(conn, ws)
            for table in KEYS:
                count, here = await unnamed(conn, ws, table, environment_vault())
                columns += count
                wrong += here
        lines, newest = await exported(place, whole, ws)
        async with place.database(whole) as one, place.database(whole) as two:
            with ProcessPoolExecutor(_HANDS, mp_context=_context) as pool:
                rows = await _each_hand(
                    pool, place.seed, times, [partial(_at_random, dsn, ws, kept) for dsn in (one, two)]
                )
                files = await _each_hand(
                    pool, place.seed, times, _HANDS * [partial(tampering_export.at_random, lines, kept)]
                )
        notes = await _beyond(place, whole, ws, kept, wrong)
        _beyond_export(Export.read(lines), kept, newest, wrong)
    wrong += rows.wrong + files.wrong
    what = (
        f"each of {columns} columns of {len(KEYS)} tables, row by name; at random, SEED {place.seed}: in the database {rows};"
        f" in an export, verified without it: {files}"
    )
    if quick:
        what = f"QUICK: fewer at random; {what}"
    total = columns + rows.times + files.times
    return Result(
        "tampering", what, total, len(wrong), tuple(wrong), tuple(f"cannot be found: {note}" for note in notes)
    )


async def _each_hand(pool: Executor, seed: int, times: int, doing: list[partial[Any]]) -> Tried:
    """Share the trials among processes, each with a seed of its own."""
    loop = asyncio.get_running_loop()
    shares = [
        loop.run_in_executor(pool, _child, one, seed + number, times // len(doing)) for number, one in enumerate(doing)
    ]
    return together(await asyncio.gather(*shares))


def _child(trying: partial[Coroutine[Any, Any, Tried]], seed: int, times: int) -> Tried:
    return asyncio.run(trying(seed, times))


async def _at_random(dsn: str, ws: str, kept: Head, seed: int, times: int) -> Tried:
    async with connected(dsn) as conn:
        forger, safe = Forger(conn, ws), environment_vault()

        async def alarms() -> Iterable[object]:
            async with conn.transaction():
                return (await examine(conn, ws, kept, safe=safe)).differences

        async def change(chance: random.Random, forge: Callable[[Forger], Awaitable[str]]) -> tuple[str, bool]:
            forger.chance = chance
            trial = conn.transaction()
            await trial.start()
            said = await forge(forger)
            found = await alarms()
            await trial.rollback()
            return said, bool(found)

        return await trials("tampering", seed, times, KINDS, alarms, change)


async def _beyond(place: Place, whole: str, ws: str, kept: Head, wrong: list[str]) -> list[str]:
    """Show what no verification can find, or none without a head of before; each is tried, so that this list stays true."""

    def expect(what: str, report: Report, *, found: bool) -> None:
        if bool(report.differences) is not found:
            wrong.append(f"{what} is {'not ' if found else ''}found: {report.differences[:3]}")

    async with (
        place.database(whole) as later,
        opened(later, ws) as house,
        opened(whole, ws) as earlier,
        connected(later) as conn,
    ):
        newer = await house.sign()
        await house.send(sale("later"))
        await house.decide()
        newest = await house.sign()
        expect("a database turned back", await verify(earlier.pool, ws, kept), found=False)
        expect("a database turned back, beside a newer head", await verify(earlier.pool, ws, newest), found=True)
        await conn.execute("delete from log_head where size = $1", newer.size)
        expect("a deleted head", await verify(house.pool, ws, kept), found=False)
        expect("a deleted head, beside itself", await verify(house.pool, ws, newer), found=True)
        await house.send(sale("undecided"))
        await conn.execute("delete from undecided")
        expect("an event taken from what waits", await verify(house.pool, ws, kept), found=True)
        await conn.execute("delete from event e where not exists (select from log l where l.evt = e.evt)")
        expect("a deleted undecided event", await verify(house.pool, ws, kept), found=True)
        await conn.execute(
            "delete from alias a where not exists (select from log l where l.evt = a.evt) and evt is not null"
        )
        for table in ("match_key", "personal"):
            await conn.execute(f"delete from {table} t where not exists (select from log l where l.evt = t.evt)")
        await conn.execute("delete from person p where not exists (select from alias a where a.id = p.id)")
        expect("a deleted undecided event, with all that it brought", await verify(house.pool, ws, kept), found=False)
        key = vault.new_key()
        await conn.execute("update workspace_secret set public = $1 where purpose = 'signing'", vault.public_key(key))
        await conn.execute("delete from log_head")
        expect("another signing key", await verify(house.pool, ws), found=False)
        expect("another signing key, with the keys", await verify(house.pool, ws, safe=house.vault), found=True)
        expect("another signing key, beside a head", await verify(house.pool, ws, kept), found=True)
    reasons = [
        f"a change of {'.'.join(filter(None, name))}: {why}"
        for name, why in OUTSIDE.items()
        if "workspace_id" not in name
    ]
    return [
        "a database, or an export, turned back as a whole to an older moment, but by a head that was kept elsewhere and is newer",
        "a log made anew as a whole and signed with another key, but by a head that was kept elsewhere, which has the public key",
        "a signed head that is deleted here, but by who kept it elsewhere",
        "an accepted event that is deleted with all that it brought before it is decided, which takes milliseconds as a rule",
        *reasons,
    ]


def _beyond_export(export: Export, kept: Head, newest: Head, wrong: list[str]) -> None:
    """Show what is not found in a file that ends at the head that is beside it: entries and heads of later are gone."""
    heads = tuple(head for head in export.header.heads if head.size <= kept.size)
    short = export.headed(heads=heads).spliced(kept.size, len(export.leaves)).lines()
    if tampering_export.found(short, kept):
        wrong.append("an export that ends at the head beside it is found")
    if not tampering_export.found(short, newest):
        wrong.append("an export that ends before the head beside it is not found")
