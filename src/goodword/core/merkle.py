"""The Merkle tree over a workspace's log: RFC 6962, with SHA-256.

Root and size stand for everything that the log holds. An inclusion proof shows that an entry is in it, a consistency
proof that a later log only added to an earlier one. The verifiers need nothing but what they are given.

Appending needs the ``Frontier`` only. Proofs are made from ``Tiles``: the leaf hashes of one or two blocks of 256, and the
roots of full subtrees, each kept with the last of its full blocks (tiles), so that a proof reads a few rows however long the log is.

Must not know: what an entry says, where hashes are kept, who signs.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from goodword.core import canonical

HASH_BYTES = 32
#: Leaves in a tile: a full, aligned block.
TILE = 256

#: The root of a tree without entries.
EMPTY_ROOT = sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash the bytes of a log entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent."""
    return sha256(b"\x01" + left + right).digest()


def head_bytes(workspace: str, size: int, root: bytes, as_of: int) -> bytes:
    """Return what is signed as the head of a log; ``as_of`` is that of the last entry, in microseconds since 1970 UTC."""
    head = {"kind": "goodword.head.1", "workspace": workspace, "size": size, "root": root.hex(), "as_of": as_of}
    return canonical.encode(head)


@dataclass(slots=True)
class Frontier:
    """What a tree must remember to grow: its size, and the roots of its full subtrees, the largest first.

    There is one subtree for each bit that is set in the size.
    """

    size: int = 0
    subtrees: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next entry; one to two hashes of work on average."""
        subtrees, size = self.subtrees, self.size
        while size & 1:  # as in binary addition, each set bit carries
            leaf = node_hash(subtrees.pop(), leaf)
            size >>= 1
        subtrees.append(leaf)
        self.size += 1

    def over_tiles(self) -> "Frontier":
        """Return that of the tree whose leaves are the roots of the full tiles: it has the same large subtrees."""
        tiles = self.size // TILE
        return Frontier(tiles, self.subtrees[: tiles.bit_count()])

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.subtrees:
            return EMPTY_ROOT
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root

    def encode(self) -> bytes:
        """Write it for one column: eight bytes of size, then the subtrees."""
        return self.size.to_bytes(8) + b"".join(self.subtrees)

    @classmethod
    def decode(cls, data: bytes) -> "Frontier":
        """Read what ``encode`` wrote; ValueError for anything else."""
        size = int.from_bytes(data[:8])
        if len(data) != 8 + HASH_BYTES * size.bit_count():
            raise ValueError(f"no frontier: {len(data)} bytes")
        return cls(size, _split(data[8:]))


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over a list of leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def tile_root(tile: bytes) -> bytes:
    """Return the root over the concatenated 256 leaf hashes of a tile."""
    if len(tile) != TILE * HASH_BYTES:
        raise ValueError(f"no tile: {len(tile)} bytes")
    return root_of(_split(tile))


def ends(over: Frontier, root: bytes) -> bytes:
    """Add the next tile to a tree ``over_tiles``; return the roots of all full subtrees that end with it, the smallest first."""
    found, size = [root], over.size
    for left in reversed(over.subtrees):
        if not size & 1:
            break
        found.append(node_hash(left, found[-1]))
        size >>= 1
    over.append(root)
    return b"".join(found)


class Needed(NamedTuple):
    """What a proof reads: the numbers of tiles with whose ``ends`` a subtree ends, and of blocks of leaf hashes."""

    ends: set[int]
    blocks: set[int]


@dataclass(frozen=True, slots=True)
class Tiles:
    """What a proof reads, by number, of all that it needs (``Needed``).

    ``ends``: of tiles, see ``ends``. ``blocks``: the concatenated leaf hashes of tiles, or of the loose tail behind them (all of it,
    or what the tail of an older tree has grown to since).
    """

    ends: Mapping[int, bytes]
    blocks: Mapping[int, bytes]

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> "Tiles":
        """Cut a whole list of leaf hashes into tiles."""
        blocks = {start // TILE: b"".join(leaves[start : start + TILE]) for start in range(0, len(leaves), TILE)}
        over = Frontier()
        return cls({n: ends(over, tile_root(blocks[n])) for n in range(len(leaves) // TILE)}, blocks)

    def subtree(self, start: int, end: int) -> bytes:
        """Return the root over the leaves [start, end), a range that RFC 6962's splitting of a tree meets."""
        if end - start < TILE:
            at = start % TILE
            return root_of(_split(self.blocks[start // TILE])[at : at + end - start])
        if _is_full(start, end):
            return _split(self.ends[end // TILE - 1])[((end - start) // TILE).bit_length() - 1]
        middle = start + _largest_power_below(end - start)
        return node_hash(self.subtree(start, middle), self.subtree(middle, end))


def needed(ranges: Iterable[tuple[int, int]]) -> Needed:
    """Say what the subtrees over these ranges of leaves are made of."""
    left, found = list(ranges), Needed(set(), set())
    while left:
        start, end = left.pop()
        if end - start < TILE:
            found.blocks.add(start // TILE)
        elif _is_full(start, end):
            found.ends.add(end // TILE - 1)
        else:
            middle = start + _largest_power_below(end - start)
            left += [(start, middle), (middle, end)]
    return found


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return the subtrees that prove that entry ``index`` stands in the tree of that size, in their order; ValueError if it cannot."""
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """Return those that prove that the tree of ``old_size`` is the beginning of the new one; ValueError without an old tree."""
    if not 0 < old_size <= new_size:
        raise ValueError(f"a tree of {old_size} is not the beginning of one of {new_size}")
    ranges, start, end = [], 0, new_size
    while end != old_size:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # else the verifier has this subtree: it is the old tree, whose root is known
        ranges.append((start, end))
    return ranges[::-1]


def proof(ranges: Iterable[tuple[int, int]], tiles: Tiles) -> list[bytes]:
    """Return the proof that these subtrees are."""
    return [tiles.subtree(*each) for each in ranges]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof shows that ``leaf`` is entry ``index`` of the tree with that size and root."""
    if not 0 <= index < size or not _are_hashes([leaf, *proof]):
        return False
    at, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            value = node_hash(sibling, value)
            at, last = _skip(at, last)
        else:
            value = node_hash(value, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and value == root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the old tree is the beginning of the new one.

    An empty old tree proves nothing and is refused: it is the beginning of every tree, and its root is ``EMPTY_ROOT``.
    """
    if not 0 < old_size <= new_size or not _are_hashes(proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]  # a full old tree is its own first step
    if not path:
        return False
    at, last = _skip_ones(old_size - 1, new_size - 1)
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            at, last = _skip(at, last)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _skip(at: int, last: int) -> tuple[int, int]:
    """Climb, from a right end of a ragged tree, the levels on which the node has no sibling."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _skip_ones(at: int, last: int) -> tuple[int, int]:
    """Climb to the root of the full subtree that ends with leaf ``at``."""
    while at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _is_full(start: int, end: int) -> bool:
    """Whether the leaves are whole tiles, as many as a power of two, so that their root is among the ``ends`` of the last."""
    count = end - start
    return count >= TILE and not count & (count - 1) and not start % count


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _are_hashes(items: Sequence[bytes]) -> bool:
    return all(len(item) == HASH_BYTES for item in items)
