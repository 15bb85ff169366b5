"""What whoever wrote senseless rules is told, word for word: what was found and what was expected.

WRITE=1 writes the sentences anew, where they have changed on purpose.
"""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from testkit.rule_documents import place_of, replaced
from tests.core.test_rule_checks import SENSELESS

from goodword.core import rule_checks
from goodword.core.rules import Rules

SENTENCES = Path(__file__).parent.parent / "golden" / "rule_problems.json"


def told(where: str, value: Any) -> list[list[str]]:
    """Return of each problem its place, what was found, what was expected."""
    problems = rule_checks.problems(msgspec.convert(replaced({place_of(where): value}), Rules), None)
    return [[".".join(map(str, problem.place)), problem.found, problem.expected] for problem in problems]


def written() -> dict[str, list[list[str]]]:
    """Return the sentences by what is set where."""
    if os.environ.get("WRITE"):
        made = {f"{where}: {value}": told(where, value) for where, value, _ in SENSELESS}
        SENTENCES.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    read: dict[str, list[list[str]]] = json.loads(SENTENCES.read_text())
    return read


@pytest.mark.parametrize(("where", "value"), [(where, value) for where, value, _ in SENSELESS], ids=str)
def test_a_problem_says_what_was_found_and_what_was_expected(where: str, value: Any) -> None:
    """The sentences of each senseless value are those that were read and found good."""
    assert told(where, value) == written()[f"{where}: {value}"]
