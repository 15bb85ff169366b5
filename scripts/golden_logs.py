# ruff: noqa: INP001 - a script, not a package
"""Write ``tests/golden/logs.jsonl.gz``: short logs that the tests of the core make, chosen so that together they show all they can.

Logs that are decided as they were stay. Those that are not go if some of it was decided under the behaviour of today, so run it only
where what is decided is meant to change, and say in the commit what changed and how many went; what was decided under an earlier
behaviour must be decided alike for good, and nothing is written where it is not. Each behaviour shows all it can. The file has an
entry of a log a line, as its leaf, and an empty line behind each log.
``tests/golden/states.jsonl.gz`` gets what the entries leave behind, a log a line.
"""

from __future__ import annotations

import gzip
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402 - behind the path
import pytest  # noqa: E402
from testkit.world import World  # noqa: E402
from tests.core.test_golden_states import STATES, behind  # noqa: E402

from goodword.app.proof.replay import Replay  # noqa: E402
from goodword.core import entry, semantics  # noqa: E402

GOLDEN = ROOT / "tests" / "golden" / "logs.jsonl.gz"
#: They read what is written here.
LEFT_OUT = [
    *(f"--ignore=tests/core/test_{what}.py" for what in ("golden_logs", "golden_states", "notices")),
    "--deselect=tests/core/test_loading.py::test_what_is_loaded_is_all_that_a_decision_looks_at",
]
#: The leaves of a log.
Log = tuple[bytes, ...]
LONGEST = 60  # entries: generated years repeat what short stories say


def watched() -> list[World]:
    """Return the list that every workspace which a test makes from now on is put in."""
    before, made = World.__init__, []

    def watching(world: World, *args: Any, **kwargs: Any) -> None:
        before(world, *args, **kwargs)
        made.append(world)

    World.__init__ = watching  # type: ignore[method-assign]
    return made


def shown(log: Log) -> set[Any]:
    """Return what a log shows under the behaviour of its last entry.

    Fields of events, verdicts with the steps of their explanations, accounts that money moves between.
    """
    found: set[Any] = set()
    for leaf in log:
        read = entry.read(leaf)
        event, kind = read.event, type(read.event).__name__
        found.update((kind, name) for name in event.__struct_fields__ if getattr(event, name) is not None)
        actor, facts = read.facts.actor, read.facts
        known = bool(facts.matches or facts.known)
        found.add((kind, len(read.verdicts) > 1, len(facts.touches) > 1, known, actor and actor.roles))
        found.add((kind, frozenset((posting.source, posting.destination) for posting in read.postings)))
        for said in read.verdicts:
            steps = tuple((step.code, *sorted(step.values)) for step in said.steps)
            found.add((kind, said.about, said.outcome, said.refusal, said.side, steps))
    return {(number(log), each) for each in found}


def number(log: Log) -> int:
    """Return under which behaviour the last entry of a log was decided."""
    return entry.read(log[-1]).semantics


def newest(log: Log) -> int:
    """Return the latest behaviour under which an entry of a log was decided: a test's log may go back to an earlier one."""
    return max(entry.read(leaf).semantics for leaf in log)


def chosen(logs: list[Log], first: list[Log]) -> list[Log]:
    """Return ``first``, and of ``logs`` those that show what these do not: always the one next that shows most for its length."""
    shows = {log: shown(log) for log in logs}
    taken = list(first)
    left = set().union(*shows.values()).difference(*map(shown, taken))
    while left:
        best = max(shows, key=lambda log: len(shows[log] & left) / sum(map(len, log)) ** 0.7)
        left -= shows.pop(best)
        taken.append(best)
    return taken


def written() -> list[Log]:
    """Return the golden logs that there are."""
    lines = gzip.decompress(GOLDEN.read_bytes()).split(b"\n") if GOLDEN.exists() else []
    return [tuple(them) for there, them in groupby(lines, key=bool) if there]


def holds(log: Log) -> bool:
    """Return whether a log is decided today as it was: what a test put into the state by hand stands in none."""
    again = Replay()
    try:
        return all(again.again(entry.asked(leaf))[1] == leaf for leaf in log)
    except (AssertionError, KeyError, ValueError):
        return False


def write_states(logs: list[Log]) -> None:
    """Write what each of these logs leaves behind."""
    states = [msgspec.json.encode(behind(list(log))) for log in logs]
    STATES.write_bytes(gzip.compress(b"\n".join(states) + b"\n", mtime=0))


def main() -> int:
    """Run the tests of the core, choose, write. With the word ``states``: write anew only what the logs that there are leave."""
    if sys.argv[1:] == ["states"]:
        write_states(written())
        return 0
    made = watched()
    if failed := pytest.main(["-q", "-n0", *LEFT_OUT, "tests/core"]):
        return int(failed)
    logs = sorted({tuple(world.leaves) for world in made if 0 < len(world.leaves) <= LONGEST})
    before = written()
    still = [log for log in before if holds(log)]
    if lost := [log for log in before if log not in still and newest(log) < semantics.CURRENT]:
        print(f"{len(lost)} logs of an earlier behaviour are not decided as they were: a change is not behind its gate")
        return 1
    kept = sorted(chosen([log for log in logs if holds(log)], still))
    GOLDEN.write_bytes(gzip.compress(b"\n".join(b"\n".join(log) + b"\n" for log in kept), mtime=0))
    write_states(kept)
    print(
        f"{len(before)} logs before, of which {len(still)} are decided as they were; {len(kept)} now, {sum(map(len, kept))} entries"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
