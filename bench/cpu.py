"""Processor time of a process with everything it started, those that ended too, as /proc tells it."""

import os
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def seconds(root: int) -> float:
    """Give user and system time of a process tree in seconds. KeyError for a process that is gone."""
    found = _all()
    return sum(int(value) for pid in _tree(root, found) for value in found[pid][11:15]) * _TICK  # with ended children's


def tree(root: int) -> list[int]:
    """Give a process and all that it started and they."""
    return _tree(root, _all())


def parent(pid: int) -> int:
    """Give the process that started this one."""
    return int(_stat(Path(f"/proc/{pid}"))[1])


def _stat(path: Path) -> list[str]:
    """Give the fields behind the name of the program, which may hold blanks; nothing if the process ended meanwhile."""
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
