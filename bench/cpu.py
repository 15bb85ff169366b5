"""Processor time and memory of a process with everything it started, as /proc tells it."""

import os
import re
import resource
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def seconds(root: int) -> float:
    """Return user and system time of a process tree in seconds. KeyError for a process that is gone."""
    found = _all()
    return sum(int(value) for pid in _tree(root, found) for value in found[pid][11:15]) * _TICK  # with ended children's


def own(pid: int) -> float:
    """Return the seconds of a process without those that it started."""
    return sum(int(value) for value in _stat(Path(f"/proc/{pid}"))[11:13]) * _TICK


def tree(root: int) -> list[int]:
    """Return a process and all that it started and they."""
    return _tree(root, _all())


def ended() -> float:
    """Return the processor seconds of all programs that were run to their end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory(root: int, besides: str) -> float:
    """Return the MB of a process tree, shared pages divided among who shares them, without programs of that name."""
    total = 0
    for pid in tree(root):
        try:
            if Path(f"/proc/{pid}/comm").read_text().strip() != besides:
                found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
                total += int(found[1]) if found else 0
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1_000


def parent(pid: int) -> int:
    """Return the process that started this one."""
    return int(_stat(Path(f"/proc/{pid}"))[1])


def _stat(path: Path) -> list[str]:
    """Return the fields behind the name of the program, which may hold blanks; nothing if the process ended meanwhile."""
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _all() -> dict[int, list[str]]:
    return {
        int(path.name): fields for path in Path("/proc").iterdir() if path.name.isdigit() and (fields := _stat(path))
    }


def _tree(root: int, found: dict[int, list[str]]) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, fields in found.items():
        children.setdefault(int(fields[1]), []).append(pid)
    members = [root]
    for pid in members:
        members += children.get(pid, [])
    return members
