"""Processor time of a process with everything it started, those that ended too, as /proc tells it."""

import os
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def seconds(root: int) -> float:
    """Give user and system time of a process tree in seconds. KeyError for a process that is gone."""
    found = {
        int(path.name): fields for path in Path("/proc").iterdir() if path.name.isdigit() and (fields := _stat(path))
    }
    children: dict[int, list[int]] = {}
    for pid, fields in found.items():
        children.setdefault(int(fields[1]), []).append(pid)
    total, tree = 0, [root]
    while tree:
        pid = tree.pop()
        total += sum(int(value) for value in found[pid][11:15])  # utime, stime, and those of ended children
        tree += children.get(pid, [])
    return total * _TICK


def parent(pid: int) -> int:
    """Give the process that started this one."""
    return int(_stat(Path(f"/proc/{pid}"))[1])


def _stat(path: Path) -> list[str]:
    """Give the fields behind the name of the program, which may hold blanks; nothing if the process ended meanwhile."""
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
