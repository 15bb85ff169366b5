"""What is recommended of a reward: what each reason asks for, that it acts on nothing, and that it is kept beside what was decided."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import rows
from testkit.world import OWNER, World, advocate, member

from goodword.core import entry, events, recommendation, rollup, semantics
from goodword.core.confidence import LEVELS
from goodword.core.decision import Step
from goodword.core.draft import Draft
from goodword.core.recommendation import ADVICE, REASONS, Seen, recommend
from goodword.core.state import Reward

SEEN = st.builds(
    Seen,
    unsent=st.integers(0, 500),
    unit=st.just("EUR"),
    earned_at=st.integers(0, 9),
    charged=st.none() | st.integers(0, 500),
    back=st.integers(0, 500),
    level=st.none() | st.sampled_from(LEVELS),
    cases=st.just(()) | st.just(("cas_1",)),
    claim=st.none() | st.just("clm_1"),
    ended=st.booleans(),
    proofs=st.just(()) | st.just(("existing_customer",)),
    kept=st.none() | st.integers(0, 3),
    missing=st.booleans(),
    changed_at=st.none() | st.integers(0, 9),
    two_over=st.none() | st.integers(0, 500),
    corrected=st.none() | st.just("goodwill"),
)


@pytest.mark.parametrize(("what", "seen", "advice", "codes"), rows(__file__, "What is seen"))
def test_case(what: str, seen: dict[str, Any], advice: str, codes: list[str]) -> None:
    """A reward of 100.00 EUR, of which this is seen, is recommended so, for these reasons."""
    plain = {"unsent": 10_000, "unit": "EUR", "earned_at": 5, "level": "exact", "charged": 50_000, "kept": 4}
    lists = {name: tuple(value) for name, value in seen.items() if isinstance(value, list)}
    found = recommend(Seen(**{**plain, **seen, **lists}))
    assert (found.advice, [reason.code for reason in found.reasons]) == (advice, codes), what


@given(SEEN)
def test_the_advice_is_the_most_that_a_reason_asks_for(seen: Seen) -> None:
    """It follows from its reasons alone, which stand in their order, each once; without any it is to approve."""
    found = recommend(seen)
    codes = [reason.code for reason in found.reasons]
    assert codes == [code for code in REASONS if code in codes]
    assert found.advice == max((REASONS[code] for code in codes), key=ADVICE.index, default="approve")
    assert found == recommend(seen)


def due(**parts: Any) -> World:
    """Ann has earned two rewards that are in review, with payment details."""
    made = world(rewards=[advocate(percent="10")], hold="0d", **parts)
    tell(made, "01-02 lead bob code=ANN\n 01-02 buy bob 10.00 EUR\n 01-03 lead cid code=ANN\n 01-03 buy cid 20.00 EUR")
    made.payee("ann")
    return made


def kept(made: World) -> list[Step]:
    """What the last entry keeps of recommendations."""
    return [step for said in made.log[-1][2].verdicts for step in said.steps if step.code == "recommended"]


def test_a_recommendation_stands_beside_what_was_decided() -> None:
    """Approved or rejected: its version, what it advised and for what, and by which rules, stand in the entry."""
    made = due()
    one, two = made.rewards()
    made.approve([one])
    [step] = kept(made)
    assert step.values["items"] == [[one.id, ["attribution_sure"]]]
    assert (step.values["advice"], step.values["decided"], step.values["version"]) == ("approve", "approved", 1)
    made.command(events.RewardsRejected, OWNER, items=made.items([two]), reason="other")
    assert [(step.values["advice"], step.values["decided"]) for step in kept(made)] == [("approve", "rejected")]


def test_the_first_of_two_is_counted_as_the_second() -> None:
    """Of two who approve one list each one is counted, by the member and the rule version."""
    made = due(review={"two_people_over": {"EUR": 0}})
    rewards = made.rewards()
    for one in ("ann-owner", "ben-owner"):
        made.approve(rewards, member(one))
    sums: rollup.Changes = {}
    for leaf in made.leaves:
        rollup.fold(sums, entry.read(leaf))
    agreed = {key[3]: count for key, (count, _) in sums.items() if key[0] == rollup.AGREEMENT and key[2] == "agreed"}
    assert agreed == {f"{one} {rewards[0].rules}": 2 for one in ("ann-owner", "ben-owner")}


def test_what_is_recommended_changes_nothing() -> None:
    """Who was advised to reject may approve: what is owed and who may say so follows from the rules alone."""
    made = due()
    before = [
        recommend(recommendation.seen(Draft(made.state, made.rules, "", made.now), one)) for one in made.rewards()
    ]
    assert [found.advice for found in before] == ["approve", "approve"]
    assert {one.status for one in made.rewards()} == {"in_review"}


def test_earlier_behaviours_keep_no_recommendation() -> None:
    """Nothing of it stands in an entry of before."""
    made = due()
    made.semantics = semantics.RECOMMENDED_BESIDE - 1
    made.approve(made.rewards())
    assert kept(made) == []


def test_a_reward_shows_what_was_recommended_of_it_alone() -> None:
    """Who asks why about one reward of a list reads nothing of the others."""
    made = due()
    rewards = made.rewards()
    made.approve(rewards)
    entries = [entry.read(leaf) for leaf in made.leaves]
    mine: list[Reward] = rewards[:1]
    told = [step for _, said in entry.own(mine[0].id, entries) for step in said.steps if step.code == "recommended"]
    assert [item[0] for step in told for item in step.values["items"]] == [mine[0].id]
