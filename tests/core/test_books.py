"""The books where real life is untidy: programs that balance alone, debts that are settled otherwise, who is paid when."""

import pytest
from testkit.stories import earning, tell
from testkit.world import RAIL, World, advocate, member, rules, verdict

from goodword.core import events, semantics
from goodword.core.state import Balance, Payout, Reward
from goodword.words import sentences


def two_programs(number: int = semantics.CURRENT, **parts: dict[str, object]) -> World:
    """Ann recommends in `main` and `other`; in each all of an order is hers. ``parts``: further rules of each."""
    made = World()
    made.semantics = number
    for slug in ("main", "other"):
        more = {"rewards": [advocate(percent="100")], "shares_customers": True, **parts.get(slug, {})}
        made.publish(rules(program=slug, **more))
    made.send(events.AdvocateEnrolled, person="ann", code="ANN", program=made.program("main"))
    made.send(events.AdvocateEnrolled, person="ann", code="ANN2", program=made.program("other"))
    return made


def owing(made: World) -> World:
    """Ann was paid 10.00 EUR by `main` for an order that came back; `other` approved 15.00 EUR for her, which are due."""
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 10.00 EUR")
    made.paid()
    made.refund("bob-1", 1_000)
    made.lead("bea", code="ANN2")
    made.buy("bea", 1_500)
    made.approved(friend="bea")
    made.tick(made.reward(friend="bea").due_at or 0)
    return made


def sums(made: World) -> dict[str, int]:
    """Program -> what all its accounts sum to."""
    return {
        slug: sum(b.amount for b in made.state.all(Balance) if b.program == made.program(slug))
        for slug in ("main", "other")
    }


@pytest.mark.parametrize(
    ("number", "main", "other", "moves"),
    [
        (1, -1_000, 1_000, [("payable", "clearing"), ("payable", "receivable")]),
        (2, 0, 0, [("payable", "clearing"), ("payable", "between"), ("between", "receivable")]),
    ],
)
def test_each_program_balances_alone(number: int, main: int, other: int, moves: list[tuple[str, str]]) -> None:
    """Finding 27: what `other` keeps for a debt to `main` goes through the account between them; as was decided before, straight."""
    made = owing(two_programs(number))
    (payout,) = made.draft("ann")
    assert payout.amount == 500
    made.release([payout])
    assert [(p.source, p.destination) for p in made.log[-1][2].postings] == moves
    assert {slug: -amount for slug, amount in sums(made).items()} == {"main": main, "other": other}
    between = {b.program: b.amount for b in made.state.all(Balance) if b.account == "between"}
    assert between == ({made.program("other"): 1_000, made.program("main"): -1_000} if number > 1 else {})
    assert made.balances().get(("receivable", "ann"), 0) == 0


# --- what is owed back ------------------------------------------------------------------------------------------------


def debt(returned: int = 1_000, **parts: object) -> World:
    """Ann was paid 10.00 EUR for an order of which so much came back."""
    made = earning(1_000, **parts)
    made.paid()
    made.refund("f0-1", returned)
    return made


def next_one(made: World, amount: int = 1_000) -> int:
    """What is sent of ann's next reward of this amount, once it is approved and due."""
    made.lead("next", code="ANN")
    made.buy("next", amount)
    made.approved(friend="next")
    made.tick(made.reward(friend="next").due_at or 0)
    (payout,) = made.draft("ann")
    made.release([payout])
    return payout.amount


def first(made: World) -> Reward:
    """The reward that was paid for an order that came back."""
    return made.reward(friend="f0")


@pytest.mark.parametrize(
    ("how", "settled", "expense"),
    [("repaid", 1_000 - 1_000, 0), ("written_off", 1_000, -1_000), ("forgiven", 1_000, -1_000)],
)
def test_who_has_settled_owes_nothing(how: str, settled: int, expense: int) -> None:
    """Finding 27: ann owed 10.00 EUR and settled that; her next reward of 10.00 EUR sends 10.00 EUR."""
    made = debt()
    assert made.balances()["receivable", "ann"] == -1_000
    assert made.settle([first(made)], how).verdicts[0].outcome == "settled"
    assert "receivable" not in {account for account, _ in made.balances()}
    sums: dict[str, int] = {}
    for balance in made.state.all(Balance):
        sums[balance.account] = sums.get(balance.account, 0) + balance.amount
    assert (sums["settled"], sums["expense"]) == (settled, expense)
    assert next_one(made) == 1_000


def test_without_it_the_next_reward_is_netted() -> None:
    """The same without a word: nothing is sent."""
    assert next_one(debt()) == 0


def test_a_part_may_be_repaid_and_the_rest_forgiven() -> None:
    """Each amount is what the list says; what is left stays owed and is netted, and each is told what they still owe."""
    made = debt()
    said = made.settle([first(made)], "repaid", amount=300)
    assert sentences(said.verdicts[1]).beneficiary == (
        "You have paid back 3.00 EUR. Of this reward you still owe 7.00 EUR."
    )
    said = made.settle([first(made)], "forgiven", amount=500)
    assert (first(made).repaid, first(made).forgiven, first(made).receivable) == (300, 500, 200)
    assert next_one(made) == 800
    made.lead("more", code="ANN")
    assert first(made).receivable == 0


@pytest.mark.parametrize("amount", [0, 1_001])
def test_more_than_is_owed_is_not_settled(amount: int) -> None:
    """Neither is nothing; and what was settled is not owed a second time."""
    made = debt()
    assert verdict(made.settle([first(made)], amount=amount)) == "exceeds_receivable"
    before = first(made)
    made.settle([before])
    assert verdict(made.settle([before])) == "exceeds_receivable"
    assert verdict(made.settle([before], "eaten")) == "wrong_state"


def test_two_people_settle_above_a_limit() -> None:
    """As with approvals: the same list and the same way, another member; what one settled alone today counts."""
    pat, pam = member("pat", "payer", EUR=600), member("pam", "payer", EUR=600)
    made = debt()
    assert verdict(made.settle([first(made)], "forgiven", pat)) == "second_person_needed"
    assert verdict(made.settle([first(made)], "forgiven", pat)) == "same_member"
    assert verdict(made.settle([first(made)], "repaid", pam)) == "second_person_needed"  # that is another thing
    assert made.settle([first(made)], "repaid", pat).verdicts[0].outcome == "settled"
    assert first(made).receivable == 0
    made = debt()
    assert made.settle([first(made)], "forgiven", pat, amount=400).verdicts[0].outcome == "settled"
    assert verdict(made.settle([first(made)], "forgiven", pat, amount=201)) == "second_person_needed"
    assert verdict(made.settle([first(made)], "forgiven", member("sue", "support"))) == "not_permitted"


def test_a_payout_that_would_net_it_is_not_released() -> None:
    """A list that waited from before it was repaid nets nothing: it is told to be drafted anew."""
    made = debt()
    made.lead("next", code="ANN")
    made.buy("next", 1_000)
    made.approved(friend="next")
    made.tick(made.reward(friend="next").due_at or 0)
    (payout,) = made.draft("ann")
    made.settle([first(made)])
    assert verdict(made.release([payout])) == "item_changed"
    made.command(events.PayoutCanceled, payout=payout.id, reason="x")
    (payout,) = made.draft("ann")
    assert payout.amount == 1_000


@pytest.mark.parametrize(("how", "owed"), [("repaid", 1_000), ("forgiven", 0)])
def test_what_comes_back_after_it(how: str, owed: int) -> None:
    """The payout comes back after its debt was settled: what was repaid for nothing is owed, what was forgiven costs nothing."""
    made = debt()
    (payout,) = made.state.all(Payout)
    made.settle([first(made)], how)
    made.answer(payout, "returned", RAIL)
    assert (first(made).withheld, first(made).receivable, first(made).forgiven) == (owed, 0, 0)
    assert sum(b.amount for b in made.state.all(Balance) if b.account == "expense") == 0
    assert made.balances().get(("payable", "ann"), 0) == owed


def test_a_part_that_comes_back_meets_what_is_owed_first() -> None:
    """Of 10.00 EUR sent 4.00 are owed, 6.00 too much: 2.00 forgiven, 4.00 receivable. All of it comes back: 4.00 are owed again."""
    made = debt(600)
    made.settle([first(made)], "forgiven", amount=200)
    assert made.balances()["receivable", "ann"] == -400
    (payout,) = made.state.all(Payout)
    made.answer(payout, "returned", RAIL)
    assert made.balances() == {("payable", "ann"): 400}
    assert (first(made).unsent, first(made).forgiven) == (400, 0)
    assert next_one(made) == 1_400
