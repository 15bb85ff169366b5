"""Flags: each is raised by the smallest story, opens a case over what was earned, refuses nothing, and shows its evidence."""

from typing import Any

import pytest
from testkit.stories import tell, world

from goodword.core.facts import Match
from goodword.core.kinds.signals import REGISTRY

BOUND = "02-01 lead bob code=ANN\n"
EARNED = "-> bob 5.00 EUR; ann 10.00 EUR"

#: flag -> (parts of the rules, story that ends flagged, the same but for one thing, which does not)
STORIES: dict[str, tuple[dict[str, Any], str, str]] = {
    "self_referral": ({}, f"02-02 buy bob 100.00 EUR {EARNED}", ""),
    "duplicate_conversion": (
        {"conversion": {"counts": {"months": 1}}},
        f"02-02 buy bob 100.00 EUR invoice=a {EARNED}\n02-02T00:09:59.999999 buy bob 100.00 EUR invoice=b {EARNED}",
        f"02-02 buy bob 100.00 EUR invoice=a {EARNED}\n02-02T00:10 buy bob 100.00 EUR invoice=b {EARNED}",
    ),
    "duplicate_claim": (
        {},
        f"02-01 lead bob code=AMY -> refused already_bound\n02-02 buy bob 100.00 EUR {EARNED}",
        f"02-01 lead bob code=ANN -> refused already_bound\n02-02 buy bob 100.00 EUR {EARNED}",
    ),
    "existing_customer": (
        {},
        f"02-02 known bob since=01-31\n02-02 buy bob 100.00 EUR {EARNED}",
        f"02-02 known bob since=02-01\n02-02 buy bob 100.00 EUR {EARNED}",
    ),
    "velocity": (
        {"review": {"velocity": {"count": 1, "per": "day"}}},
        f"02-01 lead bea code=ANN\n02-02 buy bea 100.00 EUR\n02-02 buy bob 100.00 EUR {EARNED}",
        f"02-01 lead bea code=ANN\n02-01 buy bea 100.00 EUR\n02-02 buy bob 100.00 EUR {EARNED}",
    ),
    "review_limit": (
        {"review": {"over": {"EUR": 999}}},
        f"02-02 buy bob 100.00 EUR {EARNED}",
        "02-02 buy bob 99.90 EUR -> bob 5.00 EUR; ann 9.99 EUR",
    ),
}


@pytest.mark.parametrize("flag", REGISTRY)
def test_flag(flag: str) -> None:
    """It opens a case over both sides' rewards and stands with its evidence in the explanation."""
    parts, flagged, _ = STORIES[flag]
    made = world(**parts)
    tell(made, BOUND)
    if flag == "self_referral":
        made.matches = [Match("bob", "ann", "device", verified=False)]
    tell(made, flagged)
    (case,) = made.cases(kind="flags")
    assert [found.code for found in case.flags] == [flag]
    verdicts = made.log[-1][2].verdicts
    assert set(case.rewards) == {verdict.subject for verdict in verdicts}
    for verdict in verdicts:
        assert verdict.flags == (flag,)
        assert [step.values["code"] for step in verdict.steps if step.code == "flag"] == [flag]


@pytest.mark.parametrize("flag", [flag for flag, story in STORIES.items() if story[2]])
def test_no_flag(flag: str) -> None:
    """On the other side of the boundary nothing is flagged."""
    parts, _, innocent = STORIES[flag]
    made = world(**parts)
    tell(made, BOUND + innocent)
    assert made.cases() == []
