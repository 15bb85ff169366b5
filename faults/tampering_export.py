"""Tampering with an exported log, which is verified with nothing but a head that was kept elsewhere: no database is near.

Each function that changes one gives another export than it was given, which verification must find beside an older head, and says how.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from random import Random
from typing import Any, NamedTuple, TypeVar

import msgspec
from faults.part import Progress
from faults.place import Place
from msgspec.structs import replace
from testkit.house import opened

from goodword.app.proof.export import Header, NoExportError, export_log, verify_export
from goodword.core.merkle import head_bytes, leaf_hash, root_of
from goodword.store import vault
from goodword.store.log import Head

T = TypeVar("T")

UNTOUCHED_EVERY = 50
_ALIKE = (b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHJKMNPQRSTVWXYZ")


class Export(NamedTuple):
    """An exported log: its first line, the entries, and a line that does not end."""

    header: Header
    leaves: tuple[bytes, ...]
    rest: bytes = b""

    @classmethod
    def read(cls, lines: list[bytes]) -> "Export":
        """Read what the product wrote."""
        first, *rest = lines
        return cls(msgspec.json.decode(first, type=Header), tuple(line.removesuffix(b"\n") for line in rest))

    def lines(self) -> list[bytes]:
        """Write it as the product does."""
        lines = [line + b"\n" for line in (msgspec.json.encode(self.header), *self.leaves)]
        return [*lines, self.rest] if self.rest else lines

    def spliced(self, begin: int, end: int, *leaves: bytes) -> "Export":
        """Return it with these entries in place of those from one up to another."""
        return self._replace(leaves=(*self.leaves[:begin], *leaves, *self.leaves[end:]))

    def headed(self, **changes: Any) -> "Export":
        """Return it with another first line."""
        return self._replace(header=replace(self.header, **changes))


Forged = tuple[str, Export]


def _edit(export: Export, chance: Random) -> Forged:
    """Replace one byte of an entry, by one of its sort if it can be."""
    at = chance.randrange(len(export.leaves))
    leaf = bytearray(export.leaves[at])
    place = chance.randrange(len(leaf))
    sort = next((sort for sort in _ALIKE if leaf[place] in sort), bytes(range(32, 127)))
    leaf[place] = chance.choice([byte for byte in sort if byte != leaf[place]])
    return f"byte {place} of entry {at + 1}", export.spliced(at, at + 1, bytes(leaf))


def _delete(export: Export, chance: Random) -> Forged:
    at = chance.randrange(len(export.leaves))
    return f"entry {at + 1} deleted", export.spliced(at, at + 1)


def _insert(export: Export, chance: Random) -> Forged:
    """Put an entry a second time, anywhere."""
    at, place = chance.randrange(len(export.leaves)), chance.randint(0, len(export.leaves))
    return f"entry {at + 1} again before entry {place + 1}", export.spliced(place, place, export.leaves[at])


def _reorder(export: Export, chance: Random) -> Forged:
    one, two = sorted(chance.sample(range(len(export.leaves)), 2))
    changed = export.spliced(one, one + 1, export.leaves[two]).spliced(two, two + 1, export.leaves[one])
    return f"entries {one + 1} and {two + 1} exchanged", changed


def _truncate(export: Export, chance: Random) -> Forged:
    """Cut the end off; in the middle of a line; or below the oldest head, which goes as well."""
    how = chance.choice(("at a line", "within a line", "with the heads over it"))
    if how == "with the heads over it":
        size = chance.randrange(min(head.size for head in export.header.heads))
        export = export.headed(heads=())
    else:
        size = chance.randrange(len(export.leaves))
    if how == "within a line":
        export = export._replace(rest=export.leaves[size][: chance.randrange(1, len(export.leaves[size]))])
    return f"cut to {size} entries {how}", export.spliced(size, len(export.leaves))


def _sign_again(export: Export, chance: Random) -> Forged:
    """Sign with a key of one's own: one head, all of them under that key, or a log that was changed."""
    key = vault.new_key()
    public = vault.public_key(key)
    how = chance.choice(("one head", "all heads", "a changed log"))
    if how == "a changed log":
        at = chance.randrange(len(export.leaves))
        export = export.spliced(at, at + 1, export.leaves[at].replace(b"1", b"2", 1))
    heads = list(export.header.heads)
    for at in [chance.randrange(len(heads))] if how == "one head" else range(len(heads)):
        size, as_of = heads[at].size, heads[at].as_of
        root = root_of(map(leaf_hash, export.leaves[:size]))
        heads[at] = Head(
            size, root, as_of, vault.sign(key, head_bytes(export.header.workspace, size, root, as_of)), public
        )
    known = export.header.public if how == "one head" else public
    return f"{how} signed again", export.headed(public=known, heads=tuple(heads))


def _edit_header(export: Export, chance: Random) -> Forged:
    """Change one field of a head, or what the file says of itself."""
    heads = list(export.header.heads)
    at = chance.randrange(len(heads))
    field = chance.choice(("size", "root", "as_of", "signature", "public", "workspace", "key"))
    said = f"{field} of head {at + 1} of {len(heads)}"
    if field in ("workspace", "key"):
        name = "public" if field == "key" else field
        return said, export.headed(**{name: f"{getattr(export.header, name)}x"})
    known = getattr(heads[at], field)
    changed = known + chance.choice((-1, 1)) if isinstance(known, int) else _flipped(known, chance)
    heads[at] = Head(**{**heads[at]._asdict(), field: changed})
    return said, export.headed(heads=tuple(heads))


def _flipped(known: bytes | str, chance: Random) -> bytes | str:
    if isinstance(known, str):
        return f"{known}x"
    at = chance.randrange(len(known))
    return known[:at] + bytes([known[at] ^ 1 << chance.randrange(8)]) + known[at + 1 :]


#: Kind -> how often it is taken among all, and what does it.
KINDS: dict[str, tuple[int, Callable[[Export, Random], Forged]]] = {
    "edits": (8, _edit),
    "edits of the heads": (3, _edit_header),
    "deletions": (3, _delete),
    "insertions": (3, _insert),
    "reorderings": (3, _reorder),
    "truncations": (3, _truncate),
    "re-signings": (2, _sign_again),
}


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
    kinds, untouched, wrong = zip(*several, strict=True)
    return Tried(sum(kinds, Counter()), sum(untouched), sum(wrong, ()))


async def exported(place: Place, whole: str, ws: str) -> tuple[list[bytes], Head]:
    """Return the lines of an export of a copy that was signed at its end, and the head of that."""
    async with place.database(whole) as later, opened(later, ws) as house:
        newest = await house.sign()
        return [line async for line in export_log(house.pool, ws)], newest


async def trials(
    what: str,
    seed: int,
    times: int,
    kinds: Mapping[str, tuple[int, T]],
    alarms: Callable[[], Awaitable[Iterable[object]]],
    change: Callable[[Random, T], Awaitable[tuple[str, bool]]],
) -> Tried:
    """Change something so often, by the seed. ``alarms``: what is found on the untouched; ``change``: how, and whether it was found."""
    chance = random.Random(seed)  # noqa: S311 - what is changed, again by the seed
    met: Counter[str] = Counter()
    wrong: list[str] = []
    untouched = 0
    progress = Progress(f"{what}, seed {seed}", times)
    for number in range(times):
        where = f"{what}, seed {seed}, trial {number}"
        if number % UNTOUCHED_EVERY == 0:
            untouched += 1
            wrong += [f"{where}: false alarm: {one}" for one in await alarms()]
        [kind] = chance.choices(list(kinds), [weight for weight, _ in kinds.values()])
        said, is_found = await change(chance, kinds[kind][1])
        met[kind] += 1
        if not is_found:
            wrong.append(f"{where}: {said}: not found")
        progress.one(not is_found)
    return Tried(met, untouched, tuple(wrong))


async def at_random(lines: list[bytes], kept: Head, seed: int, times: int) -> Tried:
    """Change the file so often, each time anew, and let it be verified beside the head."""
    export = Export.read(lines)

    async def alarms() -> Iterable[object]:
        return verify_export(lines, kept).differences

    async def change(chance: Random, forge: Callable[[Export, Random], Forged]) -> tuple[str, bool]:
        said, changed = forge(export, chance)
        return said, changed != export and found(changed.lines(), kept)

    return await trials("tampering with the export", seed, times, KINDS, alarms, change)


def found(lines: list[bytes], kept: Head) -> bool:
    """Whether verification finds anything in a file."""
    try:
        return bool(verify_export(lines, kept).differences)
    except NoExportError:
        return True
