"""The tree: the vectors of others, our own definition written twice, and no proof that survives a changed bit."""

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodword.core import merkle
from goodword.core.merkle import TILE, Frontier, Tiles

LEAVES = [merkle.leaf_hash(b"entry %d" % number) for number in range(2100)]
SIZES = st.integers(1, len(LEAVES))


def _naive_root(leaves: list[bytes]) -> bytes:
    """Section 2.1 of RFC 6962, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + _naive_root(leaves[:k]) + _naive_root(leaves[k:])).digest()


def _pair(data: st.DataObject) -> tuple[int, int]:
    new = data.draw(SIZES)
    return data.draw(st.integers(1, new)), new


def _proof(size: int, ranges: list[tuple[int, int]]) -> list[bytes]:
    """The proof from only what it may read: the ends of full tiles and the blocks that were named."""
    whole, needed = Tiles.of(LEAVES[:size]), merkle.needed(ranges)
    given = Tiles({n: whole.ends[n] for n in needed.ends}, {n: whole.blocks[n] for n in needed.blocks})
    return merkle.proof(ranges, given)


def _flip(value: bytes, bit: int) -> bytes:
    number = int.from_bytes(value) ^ 1 << bit % (8 * len(value))
    return number.to_bytes(len(value))


def _vectors(folder: Path) -> list[dict[str, Any]]:
    """Read the cases; hashes are base64, and a proof without steps may be null."""
    found: list[dict[str, Any]] = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    for case in found:
        for name in {"root", "root1", "root2", "leafHash"} & case.keys():
            case[name] = base64.b64decode(case[name], validate=True)
        case["proof"] = [base64.b64decode(step, validate=True) for step in case["proof"] or []]
    return found


def test_inclusion_vectors(shared: Path) -> None:
    """Each published inclusion case is accepted or rejected as it says."""
    cases = _vectors(shared / "data" / "rfc6962" / "inclusion")
    assert (len(cases), sum(not case["wantErr"] for case in cases)) == (98, 6)
    for c in cases:
        ok = merkle.verify_inclusion(c["leafIdx"], c["treeSize"], c["leafHash"], c["proof"], c["root"])
        assert ok is not c["wantErr"], c["desc"]


def test_consistency_vectors(shared: Path) -> None:
    """Each published consistency case is accepted or rejected as it says."""
    cases = _vectors(shared / "data" / "rfc6962" / "consistency")
    assert (len(cases), sum(not case["wantErr"] for case in cases)) == (98, 6)
    for c in cases:
        ok = merkle.verify_consistency(c["size1"], c["size2"], c["root1"], c["root2"], c["proof"])
        assert ok is not c["wantErr"], c["desc"]


def test_known_roots() -> None:
    """The empty tree and the tree over one empty entry have the roots that RFC 6962 implies."""
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert Frontier().root() == merkle.EMPTY_ROOT == merkle.root_of([])


def test_frontier_is_the_naive_root_at_every_size() -> None:
    """Growing a tree entry by entry gives at each small size the root of the definition."""
    frontier = Frontier()
    for size in range(300):
        assert frontier.root() == _naive_root(LEAVES[:size])
        frontier.append(LEAVES[size])


@given(SIZES, SIZES)
def test_frontier_survives_storage(one: int, other: int) -> None:
    """A frontier written and read at any size grows to the root of the definition."""
    old, new = sorted((one, other))
    frontier = Frontier()
    for leaf in LEAVES[:old]:
        frontier.append(leaf)
    again = Frontier.decode(frontier.encode())
    assert again == frontier
    for leaf in LEAVES[old:new]:
        again.append(leaf)
    assert (again.size, again.root()) == (new, _naive_root(LEAVES[:new]))


@pytest.mark.parametrize("data", [b"", bytes(7), bytes(9), (1).to_bytes(8), (2).to_bytes(8) + bytes(64)])
def test_what_is_no_frontier_is_refused(data: bytes) -> None:
    """A column whose size and number of hashes disagree is refused."""
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.decode(data)


def test_a_tile_has_the_roots_of_what_ends_with_it() -> None:
    """Of itself, its 256 leaves, and of each full subtree of two, four and more tiles of which it is the last."""
    tiles = Tiles.of(LEAVES)
    assert [len(tiles.ends), len(tiles.blocks)] == [8, 9]
    for tile, many in enumerate((1, 2, 1, 3, 1, 2, 1, 4)):
        starts = [tile + 1 - (1 << power) for power in range(many)]
        assert tiles.ends[tile] == b"".join(_naive_root(LEAVES[n * TILE : (tile + 1) * TILE]) for n in starts)
    with pytest.raises(ValueError, match="no tile"):
        merkle.tile_root(tiles.blocks[8])


@given(st.data())
def test_inclusion_proofs_verify_and_changed_ones_do_not(data: st.DataObject) -> None:
    """A proof made from tiles verifies; with a bit of it, leaf or root changed, or other steps, it fails."""
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    root, leaf = _naive_root(LEAVES[:size]), LEAVES[index]
    proof = _proof(size, merkle.inclusion_ranges(index, size))
    assert merkle.verify_inclusion(index, size, leaf, proof, root)
    bit = data.draw(st.integers(0, 255))
    for step in range(len(proof)):
        broken = [*proof[:step], _flip(proof[step], bit), *proof[step + 1 :]]
        assert not merkle.verify_inclusion(index, size, leaf, broken, root)
    assert not merkle.verify_inclusion(index, size, _flip(leaf, bit), proof, root)
    assert not merkle.verify_inclusion(index, size, leaf, proof, _flip(root, bit))
    assert not merkle.verify_inclusion(index + 1, size, leaf, proof, root)
    assert not merkle.verify_inclusion(index, index, leaf, proof, root)
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, leaf], root)
    assert not merkle.verify_inclusion(index, size, leaf, [*proof, b""], root)
    assert not proof or not merkle.verify_inclusion(index, size, leaf, proof[:-1], root)


@given(st.data())
def test_consistency_proofs_verify_and_changed_ones_do_not(data: st.DataObject) -> None:
    """A proof made from tiles verifies; with a bit of it or of a root changed, or other steps, it fails."""
    old, new = _pair(data)
    roots = _naive_root(LEAVES[:old]), _naive_root(LEAVES[:new])
    proof = _proof(new, merkle.consistency_ranges(old, new))
    assert merkle.verify_consistency(old, new, *roots, proof)
    bit = data.draw(st.integers(0, 255))
    for step in range(len(proof)):
        broken = [*proof[:step], _flip(proof[step], bit), *proof[step + 1 :]]
        assert not merkle.verify_consistency(old, new, *roots, broken)
    assert not merkle.verify_consistency(old, new, _flip(roots[0], bit), roots[1], proof)
    assert not merkle.verify_consistency(old, new, roots[0], _flip(roots[1], bit), proof)
    assert not merkle.verify_consistency(old, new, *roots, [*proof, roots[0]])
    assert not merkle.verify_consistency(0, new, merkle.EMPTY_ROOT, roots[1], proof)
    assert old == new or not merkle.verify_consistency(new, old, roots[1], roots[0], proof)
    assert not proof or not merkle.verify_consistency(old, new, *roots, proof[:-1])


def test_a_true_proof_does_not_fit_smaller_sizes() -> None:
    """Sizes are part of what is proved: a whole subtree more on the left is not passed over."""
    tiles = Tiles.of(LEAVES[:8])
    pair, seven, eight = (_naive_root(LEAVES[:size]) for size in (2, 7, 8))
    assert merkle.verify_inclusion(1, 2, LEAVES[1], [LEAVES[0]], pair)
    assert not merkle.verify_inclusion(0, 1, LEAVES[1], [LEAVES[0]], pair)
    proof = merkle.proof(merkle.consistency_ranges(7, 8), tiles)
    assert merkle.verify_consistency(7, 8, seven, eight, proof)
    assert not merkle.verify_consistency(3, 4, seven, eight, proof)


@given(st.data())
def test_old_trees_are_proved_from_newer_tiles(data: st.DataObject) -> None:
    """Tiles and blocks of a tree that has grown since give the same proofs for its earlier sizes."""
    old, new = _pair(data)
    index = data.draw(st.integers(0, old - 1))
    now, then = Tiles.of(LEAVES), Tiles.of(LEAVES[:new])
    grown, within = merkle.consistency_ranges(old, new), merkle.inclusion_ranges(index, old)
    assert merkle.proof(grown, now) == merkle.proof(grown, then)
    assert merkle.proof(within, now) == merkle.proof(within, Tiles.of(LEAVES[:old]))


def test_a_proof_reads_a_few_tiles_however_long_the_log_is() -> None:
    """Over a billion entries it needs the ends of no more than two tiles for each doubling, and two blocks."""
    for size in (1_000_000_007, 1 << 30):
        needs = merkle.needed(merkle.inclusion_ranges(size // 3, size))
        assert len(needs.ends) <= 2 * 30
        assert len(needs.blocks) <= 2


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_inclusion_proof_of_what_is_not_there(index: int, size: int) -> None:
    """An entry outside the tree has no proof."""
    with pytest.raises(ValueError, match="is not in a tree"):
        merkle.inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_no_consistency_proof_backwards(old: int, new: int) -> None:
    """A tree is not the beginning of a smaller one, and an empty one has no proof."""
    with pytest.raises(ValueError, match="is not the beginning"):
        merkle.consistency_ranges(old, new)


def test_head_bytes_are_canonical() -> None:
    """What is signed is one line of canonical JSON: anybody can rebuild it from the head's fields."""
    assert merkle.head_bytes("wsp_1", 7, bytes(range(32)), 1_700_000_000_000_000) == (
        b'{"as_of":1700000000000000,"kind":"goodword.head.1",'
        b'"root":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","size":7,"workspace":"wsp_1"}'
    )
