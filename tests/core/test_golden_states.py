"""What golden logs leave behind: a later version that decides one again finds in the rows of then what it would write itself."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.core.test_golden_logs import LOGS

from goodword.core import entry, rollup
from goodword.core.decision import Decision
from goodword.core.run import Run
from goodword.core.state import NOUNS, Entity, State

#: Made by ``make golden``: a line a golden log, in it what each of its entries left.
STATES = Path(__file__).parent.parent / "golden" / "states.jsonl.gz"


#: Fields that hold a map, and stand in the lines of before also where it is empty.
EMPTY = {"traits", "consents", "paid", "cases", "asked_back", "amounts", "days", "open", "won", "ours", "reversals"}


def plain(entity: Entity) -> dict[str, Any]:
    """Return the fields of an entity that are not as they are where nothing is said: one that a noun gets later changes none before."""
    fields = {field.name: (getattr(entity, field.name), field.default) for field in msgspec.structs.fields(entity)}
    return {
        name: value for name, (value, default) in fields.items() if value != default and (value != {} or name in EMPTY)
    }


def left(decision: Decision) -> dict[str, Any]:
    """Return what a decision leaves besides its entry: entities by noun and key, jobs, touches, rules, the timer that fired."""
    found = {name: getattr(decision, name) for name in Decision.__struct_fields__}
    for name in ("verdicts", "postings"):  # stand in the entry
        del found[name]
    found["rules"] = [(version.hash, version.semantics, version.text) for version in decision.rules]
    found["puts"] = {f"{noun.__name__} {key}": plain(entity) for (noun, key), entity in decision.puts.items()}
    return {name: what for name, what in found.items() if what}


class Again(Run):
    """Decides a log again."""

    figures: rollup.Changes

    def made(self, entry_: entry.Entry, _decision: Decision) -> None:
        """Keep what the entry adds to the figures of days."""
        self.figures = {}
        rollup.fold(self.figures, entry_)


def behind(log: list[bytes]) -> list[dict[str, Any]]:
    """Return what each entry of a log leaves and adds to the figures of days, as JSON has it."""
    again = Again(State(complete=True), {})
    steps = []
    for one in map(entry.asked, log):
        again.semantics = one.semantics
        step = left(again.step(one.event, one.facts))
        steps.append(step | {"figures": days(again.figures)})
    made: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(steps))
    return made


def days(figures: rollup.Changes) -> list[tuple[Any, ...]]:
    """Return figures as the golden logs have them: by the UTC day of the decision, clicks of people and bots together.

    What is measured besides is no part of them: a release that measures something further makes all of it anew (0122).
    """
    sums: rollup.Changes = {}
    for (slot, program, metric, unit, basis), (count, amount) in figures.items():
        if basis != "occurred" and not slot.startswith((rollup.DAY, rollup.MEASURED)):
            found = sums.setdefault((slot[:10], program, metric.removeprefix("bot_"), unit, "both"), [0, 0])
            found[:] = found[0] + count, found[1] + amount
    return sorted((*key[:-1], *found) for key, found in sums.items())


#: What each golden log leaves, in their order.
LEFT = gzip.decompress(STATES.read_bytes()).splitlines() if STATES.exists() else []


@pytest.mark.parametrize("number", range(len(LOGS)))
def test_a_golden_log_leaves_what_it_left(number: int) -> None:
    """Each entry leaves the same entities, jobs and figures, so that ``verify`` of a later version finds no difference in rows."""
    assert behind(LOGS[number]) == msgspec.json.decode(LEFT[number])


def test_golden_logs_leave_every_noun() -> None:
    """There is a line for each golden log, and no noun and no metric is missing in what they leave; balances follow from postings."""
    assert len(LEFT) == len(LOGS)
    keys = {key for line in LEFT for step in msgspec.json.decode(line) for key in step.get("puts", ())}
    assert {key.split()[0] for key in keys} == {noun.__name__ for noun in NOUNS} - {"Balance"}
    metrics = {figure[2] for line in LEFT for step in msgspec.json.decode(line) for figure in step["figures"]}
    assert metrics >= {metric.removeprefix("bot_") for metric in rollup.METRICS}
