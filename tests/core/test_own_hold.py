"""A reward's own hold: in place of the program's, and none for what is small enough, by the amount that is earned."""

import pytest
from testkit.stories import tell, world
from testkit.world import World, advocate, friend, rules
from tests.core.test_claims import claim
from tests.core.test_moved_claims import JO, won

from goodword.core import calendar, events

DAY = calendar.DAY


def earned(amount: int = 10_000, *, more: dict[str, object] | None = None, **own: object) -> tuple[int, str, list[str]]:
    """Days for which a gift of ten per cent of an order is held, its state, and the steps that tell it."""
    made = World()
    made.publish(rules(rewards=[advocate(percent="10", kind="gift", **own), friend(flat={"EUR": 500})], **(more or {})))
    made.enrol("ann")
    made.lead("bob", code="ANN")
    decision = made.buy("bob", amount)
    theirs, mine = made.rewards(side="friend")[0], made.rewards(side="advocate")[0]
    assert theirs.hold_until == theirs.earned_at + 30 * DAY  # the other side is held as the program says
    [said] = [it for it in decision.verdicts if it.subject == mine.id]
    steps = [step.code for step in said.steps if step.code in ("instant", "hold")]
    return (mine.hold_until - mine.earned_at) // DAY, mine.status, steps


@pytest.mark.parametrize(
    ("own", "amount", "days", "status"),
    [
        ({}, 10_000, 30, "pending"),
        ({"hold": "14d"}, 10_000, 14, "pending"),
        ({"hold": "60d"}, 10_000, 60, "pending"),
        ({"hold": "0d"}, 10_000, 0, "in_review"),
        ({"instant_up_to": {"EUR": 1_000}}, 10_000, 0, "in_review"),
        ({"instant_up_to": {"EUR": 1_000}}, 10_010, 30, "pending"),
        ({"instant_up_to": {"EUR": 1_000}, "hold": "14d"}, 10_010, 14, "pending"),
        ({"instant_up_to": {"EUR": 1_000}, "hold": "14d"}, 9_990, 0, "in_review"),
    ],
)
def test_a_reward_is_held_as_its_own_rule_says(own: dict[str, object], amount: int, days: int, status: str) -> None:
    """What is at most the limit is ready for a person at once, what is a cent more waits, and its explanation says which."""
    steps = ["instant", "hold"] if "instant_up_to" in own else ["hold"]
    assert earned(amount, **own) == (days, status, steps)


def test_a_cap_counts_before_the_hold() -> None:
    """What is earned decides, and not what the order would have come to."""
    assert earned(50_000, cap={"EUR": 1_000}, instant_up_to={"EUR": 1_000})[0] == 0


def test_a_currency_that_is_not_named_is_held() -> None:
    """Nothing is let go by a figure that says nothing of it."""
    assert earned(10_000, instant_up_to={"USD": 1_000}, more={"currencies": ["EUR", "USD"]}) == (
        30,
        "pending",
        ["hold"],
    )


@pytest.mark.parametrize(("limit", "days", "status"), [(600, 30, "pending"), (1_000, 0, "in_review")])
def test_what_comes_back_by_a_claim_is_held_as_it_was_and_says_so(limit: int, days: int, status: str) -> None:
    """Half of the order was given back meanwhile, so that it is small enough by now; its explanation says the hold that it has."""
    made = world(rewards=[advocate(percent="10", instant_up_to={"EUR": limit})])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    won(made)
    made.refund(made.rewards()[0].conversion.removeprefix("inv:"), 5_000)
    back = claim(made, ("ann", 1, 1)).verdicts[0].subject
    decision = made.command(events.ClaimDecided, JO, claim=back, outcome="won", reason="seen")
    hers = made.reward(beneficiary="ann")
    assert ((hers.hold_until - hers.earned_at) // DAY, hers.status, hers.amount) == (days, status, 500)
    [said] = [it for it in decision.verdicts if it.outcome == "restored"]
    [told] = [step.values["until"] for step in said.steps if step.code == "hold"]
    assert told == hers.hold_until
    assert "instant" not in {step.code for step in said.steps}
