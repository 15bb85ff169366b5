"""A log is decided again: ``replaying.py FILE N`` holds so many entries of it against what comes of them now.

It is a process of its own, for its memory, and knows no database. Prints figures as JSON. ``--profile STATS`` runs under cProfile.
In the file each entry is its length and its leaf; what makes one, ``deciding.py``, is told and tells in the same way.
"""

import argparse
import cProfile
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from goodword.app.proof.replay import Replay
from goodword.collector import settle
from goodword.core import entry as log_entry

_LENGTH = 4


def add(file: BinaryIO, leaf: bytes) -> None:
    """Write an entry."""
    file.write(len(leaf).to_bytes(_LENGTH))
    file.write(leaf)


def entries(path: Path, count: int) -> Iterator[bytes]:
    """Yield the first so many leaves of a file."""
    with path.open("rb") as file:
        for _ in range(count):
            yield file.read(int.from_bytes(file.read(_LENGTH)))


def told(about: str | None, work: Callable[..., float], *flags: str) -> None:
    """Do the work on the file and the number of entries that the command line names, and print what it took as JSON.

    ``work`` gives seconds; ``flags``: what it may be told besides. The memory is the most that this process had, in MB.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("file", type=Path)
    parser.add_argument("entries", type=int)
    parser.add_argument("--profile", type=Path)
    for flag in flags:
        parser.add_argument(f"--{flag}", action="store_true")
    given = parser.parse_args()
    more = {flag: getattr(given, flag) for flag in flags}
    if given.profile:
        profiler = cProfile.Profile()
        seconds = profiler.runcall(work, given.file, given.entries, **more)
        profiler.dump_stats(given.profile)
    else:
        seconds = work(given.file, given.entries, **more)
    peak = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if peak is None:
        raise RuntimeError("this system does not say how much memory a process had")
    print(json.dumps({"entries": given.entries, "seconds": seconds, "mb": int(peak[1]) / 1_000}))


def read(path: Path, count: int) -> float:
    """Decide so many entries again and hold each leaf against the one in the file; returns the seconds."""
    settle()
    replay = Replay()
    begun = time.perf_counter()
    for leaf in entries(path, count):
        if replay.again(log_entry.asked(leaf))[1] != leaf:
            raise RuntimeError(f"entry {replay.position} comes out otherwise")
    return time.perf_counter() - begun


if __name__ == "__main__":
    told(__doc__, read)
