"""RFC 6962: the public vectors of others, our own proofs for every place in every small tree, and each of them spoilt."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from faults.part import Result
from faults.place import Place

from goodword.core import merkle
from goodword.core.merkle import TILE, Tiles

#: The public cases and where they come from; hashes are hexadecimal.
VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("rfc6962.json").read_text())
#: What the trees of the vectors are made of: the entries of the reference implementation's own tests.
REFERENCE = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")


async def run(_place: Place, quick: bool) -> Result:
    """Try everything; nothing here needs a database."""
    cases = list(_public())
    public = len(cases)
    cases += _made_again()
    most = 24 if quick else 72
    for size in [*range(1, most), *range(TILE - 2, TILE + 3), *(() if quick else range(2 * TILE - 1, 2 * TILE + 2))]:
        cases += _of_tree(size, every=size < most)
    wrong = tuple(name for name, ok in cases if not ok)
    what = (
        f"{public} public vectors ({VECTORS['source'].partition(',')[0]}), all proofs of all trees below {most} entries"
    )
    return Result("merkle", f"{what} and at the edges of tiles, each also spoilt", len(cases), len(wrong), wrong)


def _public() -> Iterator[tuple[str, bool]]:
    """Hold our verifiers against the public cases."""
    hash_ = bytes.fromhex
    for i in VECTORS["inclusion"]:
        said = merkle.verify_inclusion(i["index"], i["size"], hash_(i["leaf"]), _bytes(i["proof"]), hash_(i["root"]))
        yield f"inclusion {i['name']}", said is i["valid"]
    for c in VECTORS["consistency"]:
        roots = hash_(c["old_root"]), hash_(c["new_root"])
        said = merkle.verify_consistency(c["old"], c["new"], *roots, _bytes(c["proof"]))
        yield f"consistency {c['name']}", said is c["valid"]


def _made_again() -> Iterator[tuple[str, bool]]:
    """Hold what we prove about the trees of the vectors against the valid public proofs, hash for hash."""
    leaves = [merkle.leaf_hash(entry) for entry in _bytes(REFERENCE)]
    for i in VECTORS["inclusion"]:
        if i["valid"] and leaves[i["index"]].hex() == i["leaf"]:
            proof = merkle.proof(merkle.inclusion_ranges(i["index"], i["size"]), Tiles.of(leaves[: i["size"]]))
            yield f"inclusion {i['name']}, made", proof == _bytes(i["proof"])
    for c in VECTORS["consistency"]:
        if c["valid"] and merkle.root_of(leaves[: c["new"]]).hex() == c["new_root"]:
            proof = merkle.proof(merkle.consistency_ranges(c["old"], c["new"]), Tiles.of(leaves[: c["new"]]))
            yield f"consistency {c['name']}, made", proof == _bytes(c["proof"])


def _bytes(hashes: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


def _of_tree(size: int, *, every: bool) -> Iterator[tuple[str, bool]]:
    """Prove each place (of large trees the first and last ones) and each beginning of a tree; then spoil the proofs."""
    leaves = [merkle.leaf_hash(b"entry %d" % number) for number in range(size)]
    tiles, root = Tiles.of(leaves), merkle.root_of(leaves)
    for index in range(size) if every else (0, 1, TILE - 3, *range(max(TILE - 2, size - 3), size)):
        proof = merkle.proof(merkle.inclusion_ranges(index, size), tiles)
        includes = partial(merkle.verify_inclusion, index, size, leaves[index], root=root)
        yield from _tried(f"inclusion {index} of {size}", proof, includes)
        elsewhere = merkle.verify_inclusion((index + 1) % size, size, leaves[index], proof, root)
        yield f"inclusion {index} of {size}, elsewhere", size == 1 or not elsewhere
    for old in range(1, size + 1) if every else (1, TILE - 3, *range(max(TILE - 2, size - 3), size + 1)):
        if old > size:
            continue
        proof = merkle.proof(merkle.consistency_ranges(old, size), tiles)
        grows = partial(merkle.verify_consistency, old, size)
        yield from _tried(f"consistency {old} of {size}", proof, partial(grows, merkle.root_of(leaves[:old]), root))
        other = merkle.root_of([*leaves[: old - 1], merkle.leaf_hash(b"another")])
        yield f"consistency {old} of {size}, other", not grows(other, root, proof)


def _tried(what: str, proof: list[bytes], verifies: Callable[[list[bytes]], bool]) -> Iterator[tuple[str, bool]]:
    """A proof verifies; with each step changed by a bit, missing and doubled, and with something before and after it, it does not."""
    yield what, verifies(proof)
    for at, step in enumerate(proof):
        changed = bytes([step[0] ^ 1]) + step[1:]
        yield f"{what}, step {at} changed", not verifies([*proof[:at], changed, *proof[at + 1 :]])
        yield f"{what}, step {at} missing", not verifies([*proof[:at], *proof[at + 1 :]])
        yield f"{what}, step {at} doubled", not verifies([*proof[: at + 1], step, *proof[at + 1 :]])
    more = merkle.leaf_hash(b"more")
    yield f"{what}, something before", not verifies([more, *proof])
    yield f"{what}, something after", not verifies([*proof, more])
    if proof:
        yield f"{what}, a short step", not verifies([*proof[:-1], proof[-1][:-1]])
