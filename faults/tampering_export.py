"""Tampering with an exported log, which is verified with nothing but a head that was kept elsewhere: no database is near."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from faults.forging_export import KINDS, Export
from faults.part import Progress
from faults.place import Place
from testkit.house import opened

from goodword.app.proof.export import NoExportError, export_log, verify_export
from goodword.store.log import Head

UNTOUCHED_EVERY = 50


class Tried(NamedTuple):
    """What came of a run of trials: how many of each kind, on untouched copies, and what was not found, or found for nothing."""

    kinds: Counter[str]
    untouched: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        kinds = ", ".join(f"{times:,} {kind}" for kind, times in sorted(self.kinds.items()))
        return f"{kinds}; no alarm on {self.untouched} untouched copies"

    @property
    def times(self) -> int:
        """How many trials there were."""
        return self.kinds.total() + self.untouched


def together(several: list[Tried]) -> Tried:
    """Sum up."""
    return Tried(
        sum((one.kinds for one in several), Counter()),
        sum(one.untouched for one in several),
        tuple(line for one in several for line in one.wrong),
    )


async def exported(place: Place, whole: str, ws: str) -> tuple[list[bytes], Head]:
    """Return the lines of an export of a copy that was signed at its end, and the head of that."""
    async with place.database(whole) as later, opened(later, ws) as house:
        newest = await house.sign()
        return [line async for line in export_log(house.pool, ws)], newest


async def trials(
    what: str,
    seed: int,
    times: int,
    weights: dict[str, int],
    alarms: Callable[[], Awaitable[Iterable[object]]],
    change: Callable[[random.Random, str], Awaitable[tuple[str, bool]]],
) -> Tried:
    """Change something so often, by the seed. ``alarms``: what is found on the untouched; ``change``: how, and whether it was found."""
    chance = random.Random(seed)  # noqa: S311 - what is changed, again by the seed
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    untouched = 0
    progress = Progress(f"{what}, seed {seed}", times)
    for number in range(times):
        where = f"{what}, seed {seed}, trial {number}"
        if number % UNTOUCHED_EVERY == 0:
            untouched += 1
            wrong += [f"{where}: false alarm: {one}" for one in await alarms()]
        [kind] = chance.choices(list(weights), list(weights.values()))
        said, is_found = await change(chance, kind)
        kinds[kind] += 1
        if not is_found:
            wrong.append(f"{where}: {said}: not found")
        progress.one(not is_found)
    return Tried(kinds, untouched, tuple(wrong))


async def at_random(lines: list[bytes], kept: Head, seed: int, times: int) -> Tried:
    """Change the file so often, each time anew, and let it be verified beside the head."""
    export = Export.read(lines)

    async def alarms() -> Iterable[object]:
        return verify_export(lines, kept).differences

    async def change(chance: random.Random, kind: str) -> tuple[str, bool]:
        said, changed = KINDS[kind][1](export, chance)
        return said, changed != lines and found(changed, kept)

    weights = {kind: weight for kind, (weight, _) in KINDS.items()}
    return await trials("tampering with the export", seed, times, weights, alarms, change)


def found(lines: list[bytes], kept: Head) -> bool:
    """Whether verification finds anything in a file."""
    try:
        return bool(verify_export(lines, kept).differences)
    except NoExportError:
        return True
