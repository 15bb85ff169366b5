"""Refunds and chargebacks, before and after approval and payment, and what stands in the books after each line."""

from itertools import permutations

import pytest
from testkit.stories import tell, world
from testkit.tables import rows, stories
from testkit.world import World, advocate, friend

from goodword.core import events
from goodword.core.state import Case, Chargeback, Refund

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


@pytest.mark.parametrize(("status", "books"), rows(__file__, "A refund at every stage"), ids=str)
def test_a_refund_at_every_stage(status: str, books: dict[str, int]) -> None:
    """Before payment the amount falls where it stands; while processing and after payment a receivable is posted at once."""
    expected = {tuple(owner.split()): amount for owner, amount in books.items()}
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    reach(made, status)
    assert made.reward().status == status
    made.refund("bob-1", 4_000)
    assert made.balances() == expected
    made.refund("bob-1", 6_000, "r2")
    assert made.reward().status == ("rejected" if status == "rejected" else "reversed")
    gone = {key: amount for key, amount in expected.items() if key[0] in ("clearing", "settled")}
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


@pytest.mark.parametrize(
    "lines",
    [
        ("02-03 refund bob-1 50.00 r1", "02-04 back bob-1 r1 20.00"),
        ("02-03 back bob-1 r1 20.00", "02-04 refund bob-1 50.00 r1"),
    ],
)
def test_a_refund_is_told_again_after_a_part_of_it_came_back(lines: tuple[str, str]) -> None:
    """As it was told at first it says nothing new, in either order; as what is left of it, it is another one to look at."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "\n".join(("02-01 lead bob code=ANN", "02-02 buy bob 100.00 EUR", *lines)))
    assert made.reward().amount == 700
    tell(made, "02-05 refund bob-1 50.00 r1 -> refused duplicate_refund")
    tell(made, "02-06 back bob-1 r1 10.00\n02-07 refund bob-1 50.00 r1 -> refused duplicate_refund")
    assert made.reward().amount == 800
    tell(made, "02-08 refund bob-1 20.00 r1 -> refused refund_conflict")
    assert made.reward().amount == 800


@pytest.mark.parametrize("order", list(permutations(["buy", "opened", "lost"])), ids="-".join)
def test_what_a_bank_took_in_another_currency_waits_for_a_person(order: tuple[str, ...]) -> None:
    """In whatever order it is told, nothing is taken, one case holds all of it, and what is kept after all lets it go."""
    made = world()
    made.lead("bob", code="ANN")
    tellings = {
        "buy": "02-02 buy bob 100.00 EUR",
        "opened": "02-03 chargeback bob-1 opened amount=110.00 in=USD",
        "lost": "02-04 chargeback bob-1 lost",
    }
    for each in order:
        tell(made, tellings[each])
    assert sorted((reward.beneficiary, reward.amount, len(reward.cases)) for reward in made.rewards()) == [
        ("ann", 1_000, 1),
        ("bob", 500, 1),
    ]
    [case] = [case for case in made.cases(kind="chargeback") if case.status == "open"]
    tell(made, "02-05 chargeback bob-1 kept")
    assert [reward.cases for reward in made.rewards()] == [(), ()]
    assert made.state.get(Case, case.id).outcome == "cleared"  # type: ignore[union-attr]


def test_what_a_bank_took_in_another_currency_is_decided_by_who_closes_its_case() -> None:
    """Confirmed, nothing of it is owed; nobody approves it before."""
    made = world(hold="0d")
    tell(made, "02-02 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    tell(made, "02-03 chargeback bob-1 opened amount=110.00 in=USD\n02-04 chargeback bob-1 lost")
    refused = made.approve(made.rewards()).verdicts
    assert {each.refusal for each in refused} == {"case_open"}
    [case] = made.cases(kind="chargeback")
    made.command(events.CaseDecided, case=case.id, outcome="confirmed", reason="lost")
    assert {reward.status for reward in made.rewards()} == {"rejected"}


def test_the_behaviour_before_refused_to_hear_of_it_and_took_all() -> None:
    """What was decided under it is decided so again."""
    made = world()
    made.semantics = 4
    tell(made, "02-02 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    tell(made, "02-03 chargeback bob-1 opened amount=110.00 in=USD -> refused refund_currency")
    tell(made, "02-04 chargeback bob-1 lost -> chargeback_lost; applied; bob now 0.00 EUR; ann now 0.00 EUR")


@pytest.mark.parametrize(("number", "returned"), [(4, 1), (5, 0)])
def test_what_came_back_already_comes_back_again_only_by_the_behaviour_before(number: int, returned: int) -> None:
    """What behaviour 4 said of a chargeback that is kept after it came back is said so again."""
    made = world()
    made.semantics = number
    tell(made, "02-02 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    tell(made, "02-03 chargeback bob-1 opened amount=100.00\n02-04 chargeback bob-1 lost")
    (lost,) = made.state.all(Refund)
    made.now += 1
    made.send(events.RefundReturned, invoice="bob-1", refund=lost.id)
    (back,) = made.state.all(Refund)
    assert back.status == "returned"
    (opened,) = made.state.all(Chargeback)
    made.now += 1
    said = made.send(events.ChargebackClosed, invoice="bob-1", chargeback=opened.id, outcome="kept")
    assert [verdict.outcome for verdict in said.verdicts].count("returned") == returned
