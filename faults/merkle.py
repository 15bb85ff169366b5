"""RFC 6962: the public vectors of others, our own proofs for every place in every small tree, and each of them spoilt."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from faults.part import Result
from faults.place import Place

from goodword.core import merkle
from goodword.core.merkle import TILE, Tiles

VECTORS = Path(__file__).with_name("rfc6962.json")
#: What the trees of the vectors are made of: the entries of the reference implementation's own tests.
REFERENCE = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")


class Inclusion(msgspec.Struct, frozen=True):
    """A public case; hashes are hexadecimal."""

    name: str
    valid: bool
    index: int
    size: int
    leaf: str
    root: str
    proof: tuple[str, ...]


class Consistency(msgspec.Struct, frozen=True):
    """A public case; hashes are hexadecimal."""

    name: str
    valid: bool
    old: int
    new: int
    old_root: str
    new_root: str
    proof: tuple[str, ...]


class Vectors(msgspec.Struct, frozen=True):
    """The public cases and where they come from."""

    source: str
    inclusion: tuple[Inclusion, ...]
    consistency: tuple[Consistency, ...]


async def run(_place: Place, quick: bool) -> Result:
    """Try everything; nothing here needs a database."""
    vectors = msgspec.json.decode(VECTORS.read_bytes(), type=Vectors)
    cases = list(_public(vectors))
    public = len(cases)
    cases += _made_again(vectors)
    most = 24 if quick else 72
    for size in [*range(1, most), *range(TILE - 2, TILE + 3), *(() if quick else range(2 * TILE - 1, 2 * TILE + 2))]:
        cases += _of_tree(size, every=size < most)
    wrong = tuple(name for name, ok in cases if not ok)
    what = f"{public} public vectors ({vectors.source.partition(',')[0]}), all proofs of all trees below {most} entries"
    return Result("merkle", f"{what} and at the edges of tiles, each also spoilt", len(cases), len(wrong), wrong)


def _public(vectors: Vectors) -> Iterator[tuple[str, bool]]:
    """Hold our verifiers against the public cases."""
    hash_ = bytes.fromhex
    for i in vectors.inclusion:
        said = merkle.verify_inclusion(i.index, i.size, hash_(i.leaf), list(map(hash_, i.proof)), hash_(i.root))
        yield f"inclusion {i.name}", said is i.valid
    for c in vectors.consistency:
        roots = hash_(c.old_root), hash_(c.new_root)
        said = merkle.verify_consistency(c.old, c.new, *roots, list(map(hash_, c.proof)))
        yield f"consistency {c.name}", said is c.valid


def _made_again(vectors: Vectors) -> Iterator[tuple[str, bool]]:
    """Hold what we prove about the trees of the vectors against the valid public proofs, hash for hash."""
    leaves = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in REFERENCE]
    for i in vectors.inclusion:
        if i.valid and leaves[i.index].hex() == i.leaf:
            proof = merkle.inclusion_proof(i.index, i.size, Tiles.of(leaves[: i.size]))
            yield f"inclusion {i.name}, made", [step.hex() for step in proof] == list(i.proof)
    for c in vectors.consistency:
        if c.valid and merkle.root_of(leaves[: c.new]).hex() == c.new_root:
            proof = merkle.consistency_proof(c.old, c.new, Tiles.of(leaves[: c.new]))
            yield f"consistency {c.name}, made", [step.hex() for step in proof] == list(c.proof)


def _of_tree(size: int, *, every: bool) -> Iterator[tuple[str, bool]]:
    """Prove each place (of large trees the first and last ones) and each beginning of a tree; then spoil the proofs."""
    leaves = [merkle.leaf_hash(b"entry %d" % number) for number in range(size)]
    tiles, root = Tiles.of(leaves), merkle.root_of(leaves)
    for index in range(size) if every else (0, 1, TILE - 3, *range(max(TILE - 2, size - 3), size)):
        proof = merkle.inclusion_proof(index, size, tiles)
        yield f"inclusion {index} of {size}", merkle.verify_inclusion(index, size, leaves[index], proof, root)
        for how, spoilt in _spoilt(proof):
            accepted = merkle.verify_inclusion(index, size, leaves[index], spoilt, root)
            yield f"inclusion {index} of {size}, {how}", not accepted
        elsewhere = merkle.verify_inclusion((index + 1) % size, size, leaves[index], proof, root)
        yield f"inclusion {index} of {size}, elsewhere", size == 1 or not elsewhere
    for old in range(1, size + 1) if every else (1, TILE - 3, *range(max(TILE - 2, size - 3), size + 1)):
        if old > size:
            continue
        old_root = merkle.root_of(leaves[:old])
        proof = merkle.consistency_proof(old, size, tiles)
        yield f"consistency {old} of {size}", merkle.verify_consistency(old, size, old_root, root, proof)
        other = merkle.root_of([*leaves[: old - 1], merkle.leaf_hash(b"another")])
        yield f"consistency {old} of {size}, other", not merkle.verify_consistency(old, size, other, root, proof)
        for how, spoilt in _spoilt(proof):
            accepted = merkle.verify_consistency(old, size, old_root, root, spoilt)
            yield f"consistency {old} of {size}, {how}", not accepted


def _spoilt(proof: Sequence[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the proof with each step changed by a bit, missing and doubled, and with something before and after it."""
    for at, step in enumerate(proof):
        changed = bytes([step[0] ^ 1]) + step[1:]
        yield f"step {at} changed", [*proof[:at], changed, *proof[at + 1 :]]
        yield f"step {at} missing", [*proof[:at], *proof[at + 1 :]]
        yield f"step {at} doubled", [*proof[: at + 1], step, *proof[at + 1 :]]
    more = merkle.leaf_hash(b"more")
    yield "something before", [more, *proof]
    yield "something after", [*proof, more]
    if proof:
        yield "a short step", [*proof[:-1], proof[-1][:-1]]
