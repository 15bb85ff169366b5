"""What somebody may do to the file of an exported log before it is verified: what stands beside it in a database is out of reach.

Each function gives another file than the one it was given, which verification must find beside an older head, and says how.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from goodword.app.proof.export import Header
from goodword.core.merkle import head_bytes, leaf_hash, root_of
from goodword.store import vault
from goodword.store.log import Head

_ALIKE = (b"0123456789", b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHJKMNPQRSTVWXYZ")


class Export(NamedTuple):
    """An exported log: its first line, and the entries."""

    header: Header
    leaves: tuple[bytes, ...]

    @classmethod
    def read(cls, lines: list[bytes]) -> "Export":
        """Read what the product wrote."""
        first, *rest = lines
        return cls(msgspec.json.decode(first, type=Header), tuple(line.removesuffix(b"\n") for line in rest))

    def lines(self) -> list[bytes]:
        """Write it as the product does."""
        return [line + b"\n" for line in (msgspec.json.encode(self.header), *self.leaves)]

    def roots(self) -> dict[int, bytes]:
        """Return the root after each entry at which a head was signed."""
        hashes = [leaf_hash(leaf) for leaf in self.leaves]
        return {head.size: root_of(hashes[: head.size]) for head in self.header.heads}


def _edit(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    """Replace one byte of an entry, by one of its sort if it can be."""
    at = chance.randrange(len(export.leaves))
    leaf = bytearray(export.leaves[at])
    place = chance.randrange(len(leaf))
    sort = next((sort for sort in _ALIKE if leaf[place] in sort), bytes(range(32, 127)))
    leaf[place] = chance.choice([byte for byte in sort if byte != leaf[place]])
    return f"byte {place} of entry {at + 1}", _with(export, at, bytes(leaf))


def _delete(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    at = chance.randrange(len(export.leaves))
    return f"entry {at + 1} deleted", export._replace(leaves=export.leaves[:at] + export.leaves[at + 1 :]).lines()


def _insert(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    """Put an entry a second time, anywhere."""
    at, place = chance.randrange(len(export.leaves)), chance.randint(0, len(export.leaves))
    more = (*export.leaves[:place], export.leaves[at], *export.leaves[place:])
    return f"entry {at + 1} again before entry {place + 1}", export._replace(leaves=more).lines()


def _reorder(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    one, two = sorted(chance.sample(range(len(export.leaves)), 2))
    leaves = list(export.leaves)
    leaves[one], leaves[two] = leaves[two], leaves[one]
    return f"entries {one + 1} and {two + 1} exchanged", export._replace(leaves=tuple(leaves)).lines()


def _truncate(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    """Cut the end off; in the middle of a line; or below the oldest head, which goes as well."""
    how = chance.choice(("at a line", "within a line", "with the heads over it"))
    if how == "with the heads over it":
        size = chance.randrange(min(head.size for head in export.header.heads))
        return f"cut to {size} entries {how}", Export(replace(export.header, heads=()), export.leaves[:size]).lines()
    size = chance.randrange(len(export.leaves))
    lines = export._replace(leaves=export.leaves[:size]).lines()
    if how == "within a line":
        lines.append(export.leaves[size][: chance.randrange(1, len(export.leaves[size]))])
    return f"cut after {size} entries {how}", lines


def _sign_again(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    """Sign with a key of one's own: one head, all of them under that key, or a log that was changed."""
    key = vault.new_key()
    public = vault.public_key(key)
    how = chance.choice(("one head", "all heads", "a changed log"))
    if how == "a changed log":
        at = chance.randrange(len(export.leaves))
        export = Export.read(_with(export, at, export.leaves[at].replace(b"1", b"2", 1)))
    roots = export.roots()
    heads = list(export.header.heads)
    for at in [chance.randrange(len(heads))] if how == "one head" else range(len(heads)):
        size, as_of = heads[at].size, heads[at].as_of
        signature = vault.sign(key, head_bytes(export.header.workspace, size, roots[size], as_of))
        heads[at] = Head(size, roots[size], as_of, signature, public)
    known = export.header.public if how == "one head" else public
    return f"{how} signed again", export._replace(
        header=replace(export.header, public=known, heads=tuple(heads))
    ).lines()


def _edit_header(export: Export, chance: Random) -> tuple[str, list[bytes]]:
    """Change one field of a head, or what the file says of itself."""
    header = export.header
    at = chance.randrange(len(header.heads))
    head = header.heads[at]
    field = chance.choice(("size", "root", "as_of", "signature", "public", "workspace", "key"))
    if field in ("workspace", "key"):
        name = "public" if field == "key" else field
        header = replace(header, **{name: f"{getattr(header, name)}x"})
    else:
        known = getattr(head, field)
        changed = known + chance.choice((-1, 1)) if isinstance(known, int) else _flipped(known, chance)
        heads = (*header.heads[:at], Head(**{**head._asdict(), field: changed}), *header.heads[at + 1 :])
        header = replace(header, heads=heads)
    return f"{field} of head {at + 1} of {len(header.heads)}", export._replace(header=header).lines()


def _flipped(known: bytes | str, chance: Random) -> bytes | str:
    if isinstance(known, str):
        return f"{known}x"
    at = chance.randrange(len(known))
    return known[:at] + bytes([known[at] ^ 1 << chance.randrange(8)]) + known[at + 1 :]


def _with(export: Export, at: int, leaf: bytes) -> list[bytes]:
    return export._replace(leaves=(*export.leaves[:at], leaf, *export.leaves[at + 1 :])).lines()


#: Kind -> how often it is taken among all, and what does it.
KINDS: dict[str, tuple[int, Callable[[Export, Random], tuple[str, list[bytes]]]]] = {
    "edits": (8, _edit),
    "edits of the heads": (3, _edit_header),
    "deletions": (3, _delete),
    "insertions": (3, _insert),
    "reorderings": (3, _reorder),
    "truncations": (3, _truncate),
    "re-signings": (2, _sign_again),
}
