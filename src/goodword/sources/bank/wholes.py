"""Files that a bank refused as a whole, spelled out: each payout that stood in one fails as if the bank had refused it by itself.

Only where that is sure. What the bank says of a payment by itself goes before; of what stands in another file of ours too, nobody knows
whether that one went through; a bank that counts other payments means another file; and a file that is refused since the bank has it
already (``DUPLICATE``) was not refused at all. Then a person is asked, once a file. Must not know: where files are registered.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from goodword.core.statements import DUPLICATE
from goodword.sources.bank import File, Line, named


class Handed(NamedTuple):
    """A file of ours. ``elsewhere``: those of its payouts that stand in another file too, which nobody refused."""

    id: str
    payouts: Collection[str]
    elsewhere: Collection[str]


def found(file: File) -> tuple[list[str], set[str]]:
    """Return by which names files or blocks were refused as a whole, and the payouts of which something is said by themselves.

    It goes through the lines, which can be done once.
    """
    names, apart = list[str](), set[str]()
    for _, line in file.lines:
        if _is_whole(line):
            names += line.texts
        else:
            apart.update(named(line.texts))
    return list(dict.fromkeys(names)), apart


def spelled_out(file: File, handed: Mapping[str, Handed], apart: Collection[str]) -> File:
    """Return the file with a line for each payout of the files of ours that it refuses, behind its own."""
    rest = list[tuple[int, Line]]()
    done = set[str]()

    def own(place: int, line: Line) -> tuple[int, Line]:
        ours = handed.get(line.texts[0]) if _is_whole(line) and line.texts else None
        if ours is None:
            return place, line
        if line.reason in DUPLICATE or line.count not in (None, len(ours.payouts)):
            return place, replace(line, wrong="file")
        open_ = [id_ for id_ in ours.payouts if id_ not in apart]
        sure = [id_ for id_ in open_ if id_ not in ours.elsewhere]
        if ours.id not in done:
            at = f"{line.at}: {ours.id}"
            refused = Line(at=at, said="rejected", amount=None, currency=None, reason=line.reason)
            rest.extend((place, replace(refused, texts=(id_,))) for id_ in sure)
        done.add(ours.id)
        return place, replace(line, file=ours.id, wrong=None if len(sure) == len(open_) else "file")

    lines = [own(place, line) for place, line in file.lines]
    more = [sum(place == at for place, _ in rest) for at in range(len(file.headings))]
    headings = tuple(replace(it, size=it.size + n) for it, n in zip(file.headings, more, strict=True))
    return file._replace(headings=headings, lines=chain(lines, rest))


def _is_whole(line: Line) -> bool:
    """Whether a line refuses a file or a block of it."""
    return line.said == "rejected" and line.back
