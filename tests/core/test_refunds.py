"""Refunds and chargebacks, before and after approval and payment, and what stands in the books after each line."""

import pytest
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import World, advocate, friend

from goodword.core import events

STORIES = stories(__file__)


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says."""
    parts, story = STORIES[name]
    tell(world(**parts), story)


def test_the_cap_of_a_reward_is_taken_of_the_net() -> None:
    """Percent of the net, then the cap: a refund above the cap takes nothing."""
    tell(
        world(rewards=[advocate(percent="10", cap={"EUR": 500}), friend(flat={"EUR": 100})]),
        """
        02-01 lead bob code=ANN
        02-02 buy bob 100.00 EUR -> bob 1.00 EUR; ann 5.00 EUR
        02-03 refund bob-1 50.00 a -> applied; bob now 1.00 EUR; ann now 5.00 EUR
        02-04 refund bob-1 10.00 b -> applied; bob now 1.00 EUR; ann now 4.00 EUR
        """,
    )


#: status at which the refund of 40.00 of 100.00 comes -> what stands in the books for ann (10.00, then 6.00) after it
STAGES = {
    "pending": {("accrued", "ann"): 600},
    "in_review": {("accrued", "ann"): 600},
    "approved": {("payable", "ann"): 600},
    "processing": {("clearing", "bank_file"): 1_000, ("receivable", "ann"): -400},
    "paid": {("settled", "bank_file"): 1_000, ("receivable", "ann"): -400},
    "rejected": {},
}


@pytest.mark.parametrize("status", STAGES)
def test_a_refund_at_every_stage(status: str) -> None:
    """Before payment the amount falls where it stands; while processing and after payment a receivable is posted at once."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    reach(made, status)
    assert made.reward().status == status
    made.refund("bob-1", 4_000)
    assert made.balances() == STAGES[status]
    made.refund("bob-1", 6_000, "r2")
    assert made.reward().status == ("rejected" if status == "rejected" else "reversed")
    gone = {key: amount for key, amount in STAGES[status].items() if key[0] in ("clearing", "settled")}
    assert made.balances() == gone | ({("receivable", "ann"): -1_000} if gone else {})


def reach(made: World, status: str) -> None:
    """Take the one reward to a status by the ordinary way."""
    if status == "pending":
        return
    if status in ("processing", "paid"):
        made.paid(until="processing" if status == "processing" else "completed")
    elif status == "approved":
        made.approved()
    else:
        made.tick(made.reward().hold_until)
    if status == "rejected":
        made.command(events.RewardsRejected, items=made.items(made.rewards()), reason="fraud")
