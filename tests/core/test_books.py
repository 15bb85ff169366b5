"""The books where real life is untidy: programs that balance alone, debts that are settled otherwise, who is paid when."""

import pytest
from testkit.stories import tell
from testkit.world import World, advocate, rules

from goodword.core import events, semantics
from goodword.core.state import Balance


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
