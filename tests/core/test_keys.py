"""API keys in the log: that one was made or ended stands there, in the name of an owner."""

import pytest
from testkit.stories import world
from testkit.world import CLERK, member, verdict

from goodword.core import events

SAID = [(events.KeyMade, {"digest": "x"}, "key_made"), (events.KeyEnded, {"ended_at": 1}, "key_ended")]


@pytest.mark.parametrize(("kind", "fields", "outcome"), SAID)
def test_a_key_is_made_and_ended_by_an_owner(kind: type[events.Event], fields: dict[str, object], outcome: str) -> None:
    """The log says which key and who; nobody but an owner says so."""
    made = world()
    said = made.command(kind, key="key_1", **fields)
    assert (verdict(said), said.verdicts[0].subject) == (outcome, "key_1")
    for other in (CLERK, member("dev", "developer")):
        assert verdict(made.command(kind, other, key="key_1", **fields)) == "not_permitted"


def test_a_workspace_is_founded_with_its_first_owner() -> None:
    """As what the workspace was made, and with which keys, stands in the entry of its first owner."""
    made = world()
    founding = events.Founding(mode="sandbox", clock="manual", keys=(("key_1", "x"),))
    said = made.command(events.MemberSet, member="one", roles=("owner",), founding=founding)
    assert verdict(said) == "member_set"
    assert made.log[-1][0].founding == founding
