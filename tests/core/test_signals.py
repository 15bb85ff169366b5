"""Flags: each is raised by the smallest story, opens a case over what was earned, refuses nothing, and shows its evidence."""

import pytest
from testkit.stories import tell, world
from testkit.tables import stories

from goodword.core.kinds.signals import REGISTRY

STORIES = stories(__file__)


@pytest.mark.parametrize("flag", REGISTRY)
def test_flag(flag: str) -> None:
    """It opens a case over both sides' rewards and stands with its evidence in the explanation."""
    parts, story = STORIES[f"{flag}: flagged"]
    made = world(**parts)
    tell(made, story)
    (case,) = made.cases(kind="flags")
    assert [found.code for found in case.flags] == [flag]
    verdicts = made.log[-1][2].verdicts
    assert set(case.rewards) == {verdict.subject for verdict in verdicts}
    for verdict in verdicts:
        assert verdict.flags == (flag,)
        assert [step.values["code"] for step in verdict.steps if step.code == "flag"] == [flag]


@pytest.mark.parametrize("flag", REGISTRY)
def test_no_flag(flag: str) -> None:
    """On the other side of the boundary nothing is flagged."""
    parts, story = STORIES[f"{flag}: not flagged"]
    made = world(**parts)
    tell(made, story)
    assert made.cases() == []
