# ruff: noqa: INP001 - a script, not a package
"""How much machinery stands beside the product: lines of tests, faults, bench and testkit without their test functions.

Counted are lines that are neither blank nor a comment alone, of the working tree and of the commit that ``bench/base`` names.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("tests", "faults", "bench", "testkit")


def counted(source: str) -> int:
    """Return the lines of a file outside of functions whose names begin with ``test``, decorators included."""
    left_out: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            left_out.update(range(first, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(
        1 for number, line in lines if number not in left_out and line.strip() and not line.strip().startswith("#")
    )


def here() -> Iterator[tuple[str, str]]:
    """Return the files of the working tree that git knows or would know, with their texts."""
    for name in _git("ls-files", "--cached", "--others", "--exclude-standard", "--", *FOLDERS).splitlines():
        if name.endswith(".py") and (ROOT / name).exists():
            yield name, (ROOT / name).read_text()


def at(commit: str) -> Iterator[tuple[str, str]]:
    """Return the files of a commit with their texts."""
    for name in _git("ls-tree", "-r", "--name-only", commit, "--", *FOLDERS).splitlines():
        if name.endswith(".py"):
            yield name, _git("show", f"{commit}:{name}")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607 - the git of the system


def main() -> None:
    """Print a line a folder and the sum."""
    commit = (ROOT / "bench" / "base").read_text().strip()
    try:
        before = list(at(commit))
    except subprocess.CalledProcessError:
        sys.exit(f"this clone does not have the commit {commit[:12]} that bench/base names: fetch the whole history")
    now = list(here())
    rows = []
    for folder in FOLDERS:
        sums = [sum(counted(text) for name, text in them if name.startswith(f"{folder}/")) for them in (before, now)]
        rows.append((folder, *sums))
    rows.append(("sum", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    print(f"{'':<10}{'base':>8}{'now':>8}{'change':>8}")
    for name, was, is_ in rows:
        print(f"{name:<10}{was:>8,}{is_:>8,}{is_ - was:>+8,}")


if __name__ == "__main__":
    main()
