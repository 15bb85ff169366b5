"""What an order is: its parts, its base, its lines, drafts and amendments, refunds of every sort. Findings by their number."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import World
from tests.core.independent_checker import recompute

from goodword.core.entry import read

STORIES = stories(__file__)


def checked(made: World) -> None:
    """Every reward verdict follows from its own steps, and the log is read back as it was written."""
    for leaf in made.leaves:
        for verdict in read(leaf).verdicts:
            if verdict.about != "reward":
                continue
            said: dict[str, Any] = {"about": "reward", "steps": [[s.code, s.values] for s in verdict.steps]}
            refusal, amount = recompute(said)
            assert refusal == verdict.refusal
            if verdict.refusal is None:
                assert amount == verdict.amount, verdict


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says, and every reward is explained by its steps."""
    parts, story = STORIES[name]
    made = world(**parts)
    tell(made, story)
    checked(made)
