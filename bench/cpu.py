"""Processor time and memory of a process with everything it started."""

import re
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def seconds(root: int) -> float:
    """Return user and system time of a process tree in seconds, with that of ended children. NoSuchProcess if it is gone."""
    return _sum(root, lambda one: sum(one.cpu_times()[:4]))


def own(pid: int) -> float:
    """Return the seconds of a process without those that it started."""
    return float(sum(psutil.Process(pid).cpu_times()[:2]))


def ended() -> float:
    """Return the processor seconds of all programs that were run to their end."""
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def memory(root: int, besides: str) -> float:
    """Return the MB of a process tree, shared pages divided among who shares them, without programs of that name."""
    return _sum(root, lambda one: one.memory_full_info().pss / 1e6 if one.name() != besides else 0.0)


def peak(pid: int) -> float:
    """Return the most MB that a process alone ever had in memory, 0 once it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1_024 / 1e6 if found else 0.0
    return 0.0


def tree(root: int) -> list[psutil.Process]:
    """Return a process and all that it started and they."""
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def _sum(root: int, each: Callable[[psutil.Process], float]) -> float:
    first, *others = tree(root)
    total = each(first)
    for one in others:
        try:
            total += each(one)
        except psutil.NoSuchProcess:  # ended meanwhile
            continue
    return total
