"""A log is made, in a file: ``deciding.py FILE N`` decides the bench's traffic in memory until the log has N entries.

``--twice`` writes as many again, of the same people and invoices; the figures are those of the first. Prints them as JSON.
"""

import itertools
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from history import Buyer, History, Made, group, numbered
from replaying import add, told
from works.traffic import RULES

from goodword.core.events import MemberSet

_BEGIN = 1_750_000_000_000_000
_YEAR = 365 * 86_400_000_000
_ADVOCATES = 200


def write(path: Path, entries: int, *, twice: bool) -> float:
    """Write the file; returns the seconds that the first ``entries`` took to be decided and written."""
    step = _YEAR // entries
    codes = [numbered("cod", _BEGIN, n) for n in range(_ADVOCATES)]
    advocates = [(numbered("per", _BEGIN, n), code) for n, code in enumerate(codes)]
    used = itertools.count()
    with path.open("wb") as file:
        begun = time.perf_counter()
        made = History()
        _put(file, made.begin(_owner(), RULES.encode(), advocates, _BEGIN))
        groups = (_group(n, codes) for n in used)
        _put(file, made.decide(made.traffic(groups, _BEGIN, step), until=entries))
        seconds = time.perf_counter() - begun
        if twice:
            again = itertools.cycle(range(next(used)))
            traffic = made.traffic((_group(n, codes) for n in again), made.as_of, step)
            _put(file, made.decide(traffic, until=2 * entries))
    return seconds


def _owner() -> MemberSet:
    evt, member = (numbered(prefix, _BEGIN, 0) for prefix in ("evt", "mem"))
    return MemberSet(evt=evt, source="person", occurred_at=_BEGIN, accepted_at=_BEGIN, member=member, roles=("owner",))


def _group(n: int, codes: list[str]) -> list[Buyer]:
    """Return a group; the same people and invoices for the same number."""
    numbers = [5 * n + each + _ADVOCATES for each in range(3)]
    persons, invoices = ([numbered(prefix, _BEGIN, number) for number in numbers] for prefix in ("per", "inv"))
    return group(n, persons, invoices, codes)


def _put(file: BinaryIO, made: Iterable[Made]) -> None:
    for _, leaf in made:
        add(file, leaf)


if __name__ == "__main__":
    told(__doc__, write, "twice")
