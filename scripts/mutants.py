# ruff: noqa: INP001 - a script, not a package
"""Which mistakes in core nothing notices: first the golden logs are decided with each, then its tests are run with those left.

To be run by ``scripts/mutants.sh``, in the folder that it fills.
"""

from __future__ import annotations

import fnmatch
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

MUTMUT = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", os.environ.get("J", "2")]
AT_ONCE = 500  # names on a command line
LONGEST = 30  # seconds that golden logs may take with a mistake in the code; without one they take half a second


def names() -> list[str]:
    """Return the names of all mistakes that were made."""
    metas = sorted(Path("mutants/src/goodword/core").rglob("*.meta"))
    return [name for meta in metas for name in json.loads(meta.read_text())["exit_code_by_key"]]


def status(name: str) -> int | None:
    """Return the exit code of the tests that were run with this mistake; 0: it survived, 33: none comes by, None: it was not tried."""
    for meta in Path("mutants/src/goodword/core").rglob("*.meta"):
        codes: dict[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
        if name in codes:
            return codes[name]
    return None


def noticed(name: str, logs: list[list[bytes]]) -> bool:
    """Return whether a golden log is decided otherwise with this mistake, or cannot be decided in time; in a process of its own."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        os.environ["MUTANT_UNDER_TEST"] = name
        try:
            os._exit(0 if all(map(alike, logs)) else 1)
        except BaseException:  # noqa: BLE001 - whatever it is, it is noticed
            os._exit(1)
    return os.waitpid(child, 0)[1] != 0


def alike(log: list[bytes]) -> bool:
    """Return whether each entry of a log gets the bytes that it had."""
    from tests.core.test_golden_logs import Again  # noqa: PLC0415 - of the mutated copy

    from goodword.core import entry  # noqa: PLC0415
    from goodword.core.state import State  # noqa: PLC0415

    again = Again(State(complete=True), {})
    for leaf in log:
        asked = entry.asked(leaf)
        again.step(asked.event, asked.facts)
        if again.leaf != leaf:
            return False
    return True


def main() -> None:
    """Print how many there were, how many were noticed by what, and the names of the rest."""
    wanted = sys.argv[1:] or ["*"]
    subprocess.run([*MUTMUT, "nothing.at.all*"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    chosen = [name for name in names() if any(fnmatch.fnmatch(name, pattern) for pattern in wanted)]
    os.chdir("mutants")
    sys.path[:0] = ["src", "."]
    os.environ["MUTANT_UNDER_TEST"] = ""
    lines = gzip.decompress(Path("tests/golden/logs.jsonl.gz").read_bytes()).split(b"\n")
    logs = [list(them) for there, them in groupby(lines, key=bool) if there]
    if not all(map(alike, logs)):
        sys.exit("the golden logs are not decided alike without any mistake: make golden")
    left, began = [], time.monotonic()
    for number, name in enumerate(chosen, 1):
        if not noticed(name, logs):
            left.append(name)
        if number % 200 == 0:
            print(f"{number} of {len(chosen)}, {len(left)} left, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"{len(chosen)} mistakes; golden logs notice {len(chosen) - len(left)}; the tests are run with the rest",
        flush=True,
    )
    os.chdir("..")
    Path("left.txt").write_text("\n".join(left))
    for at in range(0, len(left), AT_ONCE):
        done = subprocess.run([*MUTMUT, *left[at : at + AT_ONCE]], check=False, capture_output=True, text=True)
        if any(status(name) is None for name in left[at : at + AT_ONCE]):
            sys.exit(f"mutmut ran no tests with some of them:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    survived = [name for name in left if status(name) in (0, 33)]  # 33: no test comes by
    print(f"{len(survived)} survive, {100 - 100 * len(survived) / max(1, len(chosen)):.1f} % are noticed")
    print("\n".join(survived))


if __name__ == "__main__":
    main()
