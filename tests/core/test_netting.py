"""Netting: what a beneficiary owes back is taken from what they are paid next, the oldest debt first."""

from testkit.stories import world
from testkit.world import World, advocate, at

from goodword.core import calendar
from goodword.core.state import Reward

MANY = 6


def debts(made: World) -> list[Reward]:
    """What ann owes back, the oldest first."""
    found = [made.reward(friend=f"f{number}") for number in range(MANY)]
    assert [reward.earned_at for reward in found] == sorted(reward.earned_at for reward in found)
    assert [reward.id for reward in found] != sorted(reward.id for reward in found)
    return found


def test_the_oldest_debts_are_netted_first() -> None:
    """A payout that cannot take all that is owed takes the oldest whole, a part of the next one, and nothing of those behind."""
    # Ann was paid 1.00 EUR for each of some friends, of whom all gave back what they had bought. The last one bought
    # first, so that ids are in another order than debts.
    made = world(rewards=[advocate(percent="100")])
    made.tick("2024-03-01")
    for number in reversed(range(MANY)):
        made.lead(f"f{number}", "02-01", code="ANN")
        made.buy(f"f{number}", 100, at("02-02") + number * calendar.DAY)
    made.paid()
    for number in range(MANY):
        made.refund(f"f{number}-1", 100)
    before = debts(made)
    made.lead("late", code="ANN")
    made.buy("late", 250)
    made.approved(friend="late")
    made.tick(made.reward(friend="late").due_at or 0)
    (payout,) = made.draft("ann")
    [part] = payout.parts
    assert part.netted == ((before[0].id, 100), (before[1].id, 100), (before[2].id, 50))
    made.release([payout])
    assert [reward.receivable for reward in debts(made)] == [0, 0, 50, 100, 100, 100]
    assert made.payout(payout.id).status == "completed"  # there was nothing left to send
