"""A log in a file: ``write FILE N`` makes it, ``read FILE N`` decides it again; a process of its own, for its memory.

``--twice`` writes as many again, of the same people and invoices. Each entry is its length and its leaf.
Both print figures as JSON. ``--profile STATS`` runs under cProfile.
"""

import argparse
import cProfile
import functools
import itertools
import json
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from history import Buyer, History, Made, amount, numbered
from works.traffic import RULES

from goodword.app.replay import Replay
from goodword.cli.run import settle
from goodword.core import entry as log_entry
from goodword.core.events import MemberSet

_BEGIN = 1_750_000_000_000_000
_YEAR = 365 * 86_400_000_000
_ADVOCATES = 200
_LENGTH = 4


def write(path: Path, entries: int, *, twice: bool) -> float:
    """Write the file; gives the seconds that the first ``entries`` took to be decided and written."""
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
    return MemberSet(
        evt=numbered("evt", _BEGIN, 0),
        source="person",
        occurred_at=_BEGIN,
        accepted_at=_BEGIN,
        member=numbered("mem", _BEGIN, 0),
        roles=("owner",),
    )


def _group(n: int, codes: list[str]) -> list[Buyer]:
    """Give two friends of advocates and a stranger; the same ones for the same number."""
    names = [5 * n + each + _ADVOCATES for each in range(3)]
    named = [codes[(2 * n) % _ADVOCATES], codes[(2 * n + 1) % _ADVOCATES], None]
    return [
        Buyer(numbered("per", _BEGIN, name), numbered("inv", _BEGIN, name), amount(n), code)
        for name, code in zip(names, named, strict=True)
    ]


def read(path: Path, entries: int) -> float:
    """Decide so many entries again and hold each leaf against the one in the file; gives the seconds."""
    settle()
    replay = Replay()
    begun = time.perf_counter()
    with path.open("rb") as file:
        for _ in range(entries):
            leaf = file.read(int.from_bytes(file.read(_LENGTH)))
            if replay.step(log_entry.read(leaf))[1] != leaf:
                raise RuntimeError(f"entry {replay.position} comes out otherwise")
    return time.perf_counter() - begun


def _put(file: BinaryIO, made: Iterable[Made]) -> None:
    for _, leaf in made:
        file.write(len(leaf).to_bytes(_LENGTH))
        file.write(leaf)


def main() -> None:
    """Do as told and print entries, seconds and the most memory that this process had, in MB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["write", "read"])
    parser.add_argument("file", type=Path)
    parser.add_argument("entries", type=int)
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    work = read if given.what == "read" else functools.partial(write, twice=given.twice)
    if given.profile:
        profiler = cProfile.Profile()
        seconds = profiler.runcall(work, given.file, given.entries)
        profiler.dump_stats(given.profile)
    else:
        seconds = work(given.file, given.entries)
    peak = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if peak is None:
        raise RuntimeError("this system does not say how much memory a process had")
    print(json.dumps({"entries": given.entries, "seconds": seconds, "mb": int(peak[1]) / 1_000}))


if __name__ == "__main__":
    main()
