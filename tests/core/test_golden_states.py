"""What golden logs leave behind: a later version that decides one again finds in the rows of then what it would write itself."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.core.test_golden_logs import LOGS

from goodword.core import entry
from goodword.core.decision import Decision
from goodword.core.run import Run
from goodword.core.state import NOUNS, Entity, State

#: Made by ``make golden``: a line a golden log, in it what each of its entries left.
STATES = Path(__file__).parent.parent / "golden" / "states.jsonl.gz"


def plain(entity: Entity) -> dict[str, Any]:
    """Return the fields of an entity that are not as they are where nothing is said: one that a noun gets later changes none before."""
    fields = {field.name: (getattr(entity, field.name), field.default) for field in msgspec.structs.fields(entity)}
    return {name: value for name, (value, default) in fields.items() if value != default}


def left(decision: Decision) -> dict[str, Any]:
    """Return what a decision leaves besides its entry: entities by noun and key, jobs, touches, rules, the timer that fired."""
    found = {name: getattr(decision, name) for name in Decision.__struct_fields__}
    for name in ("verdicts", "postings"):  # stand in the entry
        del found[name]
    found["puts"] = {f"{noun.__name__} {key}": plain(entity) for (noun, key), entity in decision.puts.items()}
    return {name: what for name, what in found.items() if what}


def behind(log: list[bytes]) -> list[dict[str, Any]]:
    """Return what each entry of a log leaves, as JSON has it."""
    again = Run(State(complete=True), {})
    steps = [left(again.step(one.event, one.facts)) for one in map(entry.asked, log)]
    made: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(steps))
    return made


#: What each golden log leaves, in their order.
LEFT = gzip.decompress(STATES.read_bytes()).splitlines() if STATES.exists() else []


@pytest.mark.parametrize("number", range(len(LOGS)))
def test_a_golden_log_leaves_what_it_left(number: int) -> None:
    """Each entry leaves the same entities, jobs and touches, so that ``verify`` of a later version finds no difference in rows."""
    assert behind(LOGS[number]) == msgspec.json.decode(LEFT[number])


def test_golden_logs_leave_every_noun() -> None:
    """There is a line for each golden log, and no noun is missing among what they leave; balances follow from postings."""
    assert len(LEFT) == len(LOGS)
    keys = {key for line in LEFT for step in msgspec.json.decode(line) for key in step.get("puts", ())}
    assert {key.split()[0] for key in keys} == {noun.__name__ for noun in NOUNS} - {"Balance"}
