"""What one decision costs and leaves does not grow with what went before it, or with how long a list is."""

import json
from typing import Any

import pytest
from testkit.stories import tell
from testkit.world import World, advocate
from tests.core.independent_checker import lists_of, recompute

from goodword.core.events import Line
from goodword.core.semantics import CURRENT

CODES = [f"sku-{n}" for n in range(20_000)]


def bought(kind: str, any_of: list[str], *, semantics: int = CURRENT, **order: Any) -> World:
    """Return a workspace with one rule that has a list, in which bob bought once."""
    made = World()
    made.publish(
        {
            "program": "main",
            "currency": "EUR",
            "conversions": [{"rewards": [advocate(percent="10")], "conditions": [{"kind": kind, "any_of": any_of}]}],
        }
    )
    made.enrol("ann")
    tell(made, "02-01 lead bob code=ANN")
    made.semantics = semantics
    made.buy("bob", 10_000, "02-02", **order)
    return made


LINES = {"lines": (Line(id="1", product="sku-7", brand="sku-7", amount=10_000),)}


@pytest.mark.parametrize(("kind", "order"), [("product", LINES), ("brand", LINES), ("country", {"country": "DE"})])
def test_a_long_list_adds_at_most_a_hundred_bytes_to_an_entry(kind: str, order: dict[str, Any]) -> None:
    """26: an order's entry names a list of 20,000 by its digest; it is as long as that of a list of one, but for 100 bytes."""
    one, many = ["sku-7"], CODES
    if kind == "country":
        one, many = ["DE"], [f"{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}" for n in range(676)]
    short, long = bought(kind, one, **order), bought(kind, many, **order)
    assert 0 < len(long.leaves[-1]) - len(short.leaves[-1]) <= 100
    assert [reward.amount for reward in long.rewards()] == [1_000]


def test_a_list_named_by_its_digest_is_found_in_the_version_of_the_rules() -> None:
    """26: an outsider finds the list by its digest in the rules that the steps name, and works the verdict out again."""
    made = bought("product", CODES, **LINES)
    verdict = json.loads(made.leaves[-1])["verdicts"][-1]
    steps = dict(verdict["steps"])
    lists = lists_of(json.loads(made.versions[steps["terms"]["rules"]].text))
    assert steps["condition"]["size"] == len(lists[steps["condition"]["list"]]) == 20_000
    assert steps["condition"]["found"] == ["sku-7"]
    assert recompute(verdict, lists) == (None, 1_000)


def test_a_short_list_stands_in_its_step() -> None:
    """A list of twenty can be read where it is told."""
    [(_, step)] = [
        step
        for step in json.loads(bought("product", CODES[:20], **LINES).leaves[-1])["verdicts"][-1]["steps"]
        if step[0] == "condition"
    ]
    assert step["any_of"] == CODES[:20]


def test_under_the_first_behaviour_a_list_stands_whole_in_its_step() -> None:
    """What was decided with the whole list in its explanation is decided so again."""
    made = bought("product", CODES[:21], semantics=1, **LINES)
    steps = dict(json.loads(made.leaves[-1])["verdicts"][-1]["steps"])
    assert steps["condition"]["any_of"] == CODES[:21]
