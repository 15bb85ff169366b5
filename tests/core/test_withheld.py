"""What was netted for a payment that never arrived: the beneficiary has in the end exactly what is owed, whatever happens meanwhile.

A reward is refunded wholly while its payout is on its way, a second payout nets that debt, then the first one comes back. After every
step the workspace checks that all accounts are what rewards and payouts say.
"""

import pytest
from testkit.stories import tell
from testkit.world import CLERK, RAIL, World, member, verdict
from tests.core.test_payouts import books, due, one

from goodword.core import events
from goodword.core.state import Payout
from goodword.words import verdicts as words

BACK = [(["processing"], "failed"), (["processing", "sent"], "returned"), (["processing", "completed"], "returned")]


def answer(made: World, payout: Payout, *outcomes: str) -> None:
    """The rail says these, and each is taken."""
    for outcome in outcomes:
        assert verdict(made.answer(payout, outcome, RAIL)) == outcome


def send(made: World, payout: Payout, *outcomes: str) -> None:
    """Release a payout, and hear these of it; one of nothing is complete at once."""
    assert verdict(made.release([payout])) == "released"
    answer(made, payout, *(outcomes if payout.amount else ()))


def netted(*before: str, refund: int = 1_000) -> tuple[World, Payout]:
    """A reward of 1,000 in a payout of which the rail said ``before``, refunded; the next, of 700, went to net that debt."""
    made = due(1_000)
    first = one(made)
    send(made, first, *before)
    made.refund("f0-1", refund)
    tell(made, "06-01 lead next code=ANN\n06-01 buy next 7.00 EUR")
    made.approved(friend="next")
    made.tick("2024-09-01")
    send(made, one(made), "processing", "completed")
    return made, first


def first_reward(made: World) -> tuple[str, int, int]:
    """Of the reward that was refunded: its status, its amount, and what of it is withheld."""
    reward = made.reward(friend="f0")
    return reward.status, reward.amount, reward.withheld


@pytest.mark.parametrize(("before", "back"), BACK)
def test_what_was_netted_for_a_payout_that_never_arrived_is_owed_again(before: list[str], back: str) -> None:
    """The reversed reward is approved again for what was netted of it, goes with the next payout, and is reversed once that arrived."""
    made, first = netted(*before)
    assert first_reward(made) == ("reversed", 0, 0)
    answer(made, first, back)
    assert first_reward(made) == ("approved", 0, 700)
    assert books(made) == {"payable": 700}
    again = one(made)
    assert (again.amount, again.parts[0].reward) == (700, made.reward(friend="f0").id)
    send(made, again, "processing")
    assert (first_reward(made), books(made)) == (("processing", 0, 0), {"clearing": 700})
    answer(made, again, "completed")
    assert (first_reward(made), books(made)) == (("reversed", 0, 0), {"settled": 700})
    assert made.draft("ann") == []


def test_what_a_member_says_came_back_is_approved_first() -> None:
    """By a member's word alone what was withheld goes to review with amount nought; approved again it is due as it was."""
    made, first = netted("processing", "completed")
    made.answer(first, "returned", CLERK)
    assert (first_reward(made), books(made)) == (("in_review", 0, 700), {"accrued": 700})
    assert made.draft("ann") == []
    made.approved(friend="f0")
    assert (first_reward(made), books(made)) == (("approved", 0, 700), {"payable": 700})
    assert one(made).amount == 700


def test_it_may_come_back_more_than_once() -> None:
    """The payout that sends what was withheld fails, or is returned after it arrived: it is owed again each time, and never twice."""
    made, first = netted("processing")
    answer(made, first, "failed")
    for outcomes in (("failed",), ("completed", "returned"), ("completed",)):
        send(made, one(made), "processing", *outcomes)
        arrived = outcomes[-1] == "completed"
        assert first_reward(made) == (("reversed", 0, 0) if arrived else ("approved", 0, 700))
        assert books(made) == {"settled" if arrived else "payable": 700}


def test_what_is_withheld_may_net_another_debt() -> None:
    """Netted wholly, it leaves nothing to send: the payout that carries it may come back, and nothing is owed of it."""
    made, first = netted("processing", "completed")
    tell(made, "09-02 lead last code=ANN\n09-02 buy last 15.00 EUR\n09-02 lead more code=ANN\n09-02 buy more 9.00 EUR")
    made.approved(friend="last")
    made.tick("2024-12-01")
    send(made, one(made), "processing", "completed")
    made.refund("last-1", 1_500)
    answer(made, first, "returned")
    made.approved(friend="more")
    assert books(made) == {"settled": 1_200, "payable": 1_900, "receivable": -1_500}
    made.tick("2025-03-01")
    payout = one(made)
    assert (payout.amount, [part.sent for part in payout.parts]) == (400, [0, 400])
    send(made, payout, "processing", "failed")
    assert (first_reward(made), books(made)) == (("reversed", 0, 0), {"settled": 1_200, "payable": 400})


def test_details_that_changed_meanwhile_need_an_approval() -> None:
    """What was withheld goes back to review with amount nought, does not expire there, and is approved for the new details."""
    made, first = netted("processing", "completed")
    made.payee("ann", "other")
    answer(made, first, "returned")
    assert (first_reward(made), books(made)) == (("in_review", 0, 700), {"accrued": 700})
    assert made.draft("ann") == []
    made.approved(friend="f0")
    assert (first_reward(made), books(made)) == (("approved", 0, 700), {"payable": 700})
    made.tick("2024-12-01")
    payout = one(made)
    assert (payout.amount, payout.destination) == (700, "other")


def test_what_is_withheld_does_not_expire() -> None:
    """The time in which nobody approved it takes nothing that was earned by another reward and netted for nothing."""
    made = due(1_000, expires_after="90d")
    first = one(made)
    send(made, first, "processing", "completed")
    made.refund("f0-1", 1_000)
    tell(made, "06-01 lead next code=ANN\n06-01 buy next 7.00 EUR")
    made.approved(friend="next")
    made.tick("2024-08-20")
    send(made, one(made), "processing", "completed")
    made.payee("ann", "other")
    answer(made, first, "returned")
    made.tick("2025-08-01")
    assert (first_reward(made), books(made)) == (("in_review", 0, 700), {"accrued": 700})


@pytest.mark.parametrize("refund", [400, 1_000])
@pytest.mark.parametrize("status", ["approved", "in_review"])
def test_a_rejection_is_refused(status: str, refund: int) -> None:
    """Whether the refund was partial or whole, what is withheld cannot be rejected, and the refusal says how much it is."""
    made, first = netted("processing", "completed", refund=refund)
    if status == "in_review":
        made.payee("ann", "other")
    answer(made, first, "returned")
    withheld = min(refund, 700)
    before = books(made)
    assert first_reward(made) == (status, 1_000 - refund, withheld)
    items = made.items(made.rewards(friend="f0"))
    decision = made.command(events.RewardsRejected, items=items, reason="no longer wanted")
    assert verdict(decision) == "wrong_state"
    (step,) = decision.verdicts[0].steps
    assert words.step_sentence(step, None).endswith(
        f"{withheld // 100}.00 EUR was netted for a payment that never arrived, and stays owed."
    )
    assert (first_reward(made)[0], books(made)) == (status, before)


@pytest.mark.parametrize("status", ["approved", "in_review"])
@pytest.mark.parametrize("how", ["refund", "chargeback", "case"])
def test_what_is_withheld_outlives_the_amount(status: str, how: str) -> None:
    """The rest is refunded, charged back, or taken by a case after the return: the amount goes, what was netted stays owed."""
    made, first = netted("processing", "completed", refund=400)
    if status == "in_review":
        made.payee("ann", "other")
    answer(made, first, "returned")
    if how == "refund":
        made.refund("f0-1", 600, "r2")
    else:
        made.send(events.ChargebackOpened, invoice="f0-1", chargeback="cb")
    if how == "chargeback":
        made.send(events.ChargebackClosed, invoice="f0-1", chargeback="cb", outcome="lost")
    elif how == "case":
        (case,) = made.cases()
        made.command(events.CaseDecided, case=case.id, outcome="confirmed", reason="seen")
    account = "payable" if status == "approved" else "accrued"
    assert (first_reward(made), books(made)) == ((status, 0, 400), {account: 400, "settled": 300})


def test_a_claim_takes_the_amount_only() -> None:
    """The friend is moved to another advocate: what the first one earned by it is reversed, what was netted stays owed to them."""
    made, first = netted("processing", "completed", refund=400)
    answer(made, first, "returned")
    fields = {
        "person": "f0",
        "advocates": (("amy", 1, 1),),
        "program": made.program(),
        "lead_at": made.reward(friend="f0").earned_at,
    }
    made.command(events.ClaimEntered, member("sue", "support"), reason="mail", **fields)
    (claim,) = made.claims()
    made.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="heard")
    assert made.reward(friend="f0", beneficiary="ann").withheld == 400
    assert made.balances()["payable", "ann"] == 400
