"""Tampering with an exported log, which is verified with nothing but a head that was kept elsewhere: no database is near."""

import random
from collections import Counter
from typing import NamedTuple

from faults.forging_export import KINDS, Export
from faults.part import Progress
from faults.place import Place
from tests.acceptance import test_tamper as shapes
from tests.acceptance.harness import opened

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
        newest = await shapes.sign(house)
        return [line async for line in export_log(house.pool, ws)], newest


def at_random(lines: list[bytes], kept: Head, seed: int, trials: int) -> Tried:
    """Change the file so often, each time anew, and let it be verified beside the head."""
    chance = random.Random(seed)  # noqa: S311 - which lines, again by the seed
    export = Export.read(lines)
    kinds: Counter[str] = Counter()
    wrong: list[str] = []
    untouched = 0
    progress = Progress(f"tampering with the export, seed {seed}", trials)
    for number in range(trials):
        if number % UNTOUCHED_EVERY == 0:
            untouched += 1
            alarms = verify_export(lines, kept).differences
            wrong += [f"export, seed {seed}, trial {number}: false alarm: {one}" for one in alarms]
        [kind] = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])
        said, changed = KINDS[kind][1](export, chance)
        kinds[kind] += 1
        missed = changed == lines or not found(changed, kept)
        if missed:
            wrong.append(f"export, seed {seed}, trial {number}: {said}: not found")
        progress.one(missed)
    return Tried(kinds, untouched, tuple(wrong))


def found(lines: list[bytes], kept: Head) -> bool:
    """Whether verification finds anything in a file."""
    try:
        return bool(verify_export(lines, kept).differences)
    except NoExportError:
        return True
