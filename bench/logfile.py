"""A log in a file, each entry its length and its leaf, and the program around what reads or writes one."""

import argparse
import cProfile
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

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
