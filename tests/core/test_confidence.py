"""How sure it is who brought a friend: what shows it, what speaks against it, and that it is kept with the decision."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import OWNER, World

from goodword.core import confidence, events, semantics
from goodword.core.confidence import GROUNDS, LEVELS, NEAR, SOON
from goodword.core.stages.attribution import Candidate
from goodword.core.state import Ground, Lead, Referral

STORIES = stories(__file__)
TIMES = st.integers(0, 5 * NEAR)


def newest(made: World) -> Referral:
    """The referral that was bound last."""
    return max(made.state.all(Referral), key=lambda referral: referral.lead)


@pytest.mark.parametrize("title", STORIES)
def test_story(title: str) -> None:
    """The referral is as sure as its story says, for these grounds; its verdict says the same."""
    parts, story = STORIES[title]
    level, grounds = parts.pop("level"), parts.pop("grounds")
    made = world(**parts)
    tell(made, story)
    referral = newest(made)
    assert (referral.confidence, [ground.code for ground in referral.grounds]) == (level, grounds)
    said = [
        step.values
        for *_, decision in made.log
        for each in decision.verdicts
        for step in each.steps
        if step.code == "confidence"
    ]
    assert said[-1] == {"level": level, "grounds": [[ground.code, ground.values] for ground in referral.grounds]}


def test_what_another_system_said_is_possible() -> None:
    """Nothing here shows it."""
    made = world()
    made.send(events.ReferralImported, program=made.program(), person="bob", advocate="ann", lead_at=made.now)
    assert (newest(made).confidence, [ground.code for ground in newest(made).grounds]) == ("possible", ["imported"])


def test_what_a_person_decided_is_possible() -> None:
    """A claim that was won says by how much evidence."""
    made = world()
    said: dict[str, Any] = {
        "program": made.program(),
        "person": "bob",
        "advocates": (("amy", 1, 1),),
        "lead_at": made.now,
    }
    made.command(events.ClaimEntered, **said, reason="mail", evidence=("tch_1", "tch_2"))
    made.command(events.ClaimDecided, OWNER, claim=made.claims()[0].id, outcome="won", reason="x")
    [ground] = newest(made).grounds
    assert (newest(made).confidence, ground.code, ground.values["evidence"]) == ("possible", "claim_won", 2)


def test_of_what_was_bound_before_it_was_said_nothing_is_made_up() -> None:
    """Under the behaviour before, no step and no field says it; who asks is told that it is possible, and why no more is known."""
    made = world()
    made.semantics = semantics.CONFIDENCE_IS_SAID - 1
    tell(made, "02-02 lead bob code=ANN -> attributed to ann")
    assert (newest(made).confidence, newest(made).grounds) == (None, ())
    assert confidence.of(newest(made)) == ("possible", (Ground("said_before", {"typed": True, "touched": True}),))
    assert "confidence" not in [step.code for step in made.log[-1][2].verdicts[0].steps]


@given(st.lists(st.sampled_from(sorted(GROUNDS)), min_size=1))
def test_a_further_ground_never_makes_it_surer(codes: list[str]) -> None:
    """Whatever is found besides: the level stays or falls."""
    levels = [LEVELS.index(confidence.of_grounds(map(Ground, codes[:n])).level) for n in range(1, len(codes) + 1)]
    assert levels == sorted(levels)


@given(
    winner=TIMES,
    lead=TIMES,
    others=st.lists(st.tuples(TIMES, st.sampled_from(["ann", "amy"]), st.booleans())),
    shown=st.sampled_from(["typed", "named", "link", "click"]),
    visitor=st.sampled_from(["v1", "v2"]),
    confirmed=st.booleans(),
    again=st.booleans(),
)
def test_exact_is_only_what_was_named(
    winner: int,
    lead: int,
    others: list[tuple[int, str, bool]],
    shown: str,
    visitor: str,
    *,
    confirmed: bool,
    again: bool,
) -> None:
    """Exact needs a typed code or a named click, said by no page; and no click is exact or probable that is too near to anything."""
    said = Lead(id="evt", person="bob", at=lead, visitor="v1", confirmed=confirmed)
    won = Candidate(
        touch="evt" if shown in ("typed", "link") else "tch", code="c", at=winner, typed=shown == "typed",
        named=shown == "named", person="ann", visitor=visitor, window="30d",
    )  # fmt: skip
    rivals = [
        Candidate(touch=f"t{n}", code="d", at=at, person=who, named=named) for n, (at, who, named) in enumerate(others)
    ]
    found = confidence.of_lead(said, won, [won, *rivals], "last", again=again)
    if found.level == "exact":
        assert shown in ("typed", "named")
        assert not confirmed
    if shown in ("named", "click") and found.level != "possible":
        assert lead - winner >= SOON
        assert all(abs(at - winner) >= NEAR for at, who, _ in others if who == "amy")
    assert confidence.of_lead(said, won, [*reversed(rivals), won], "last", again=again).level == found.level
