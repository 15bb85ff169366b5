"""The books where real life is untidy: programs that balance alone, debts that are settled otherwise, who is paid when."""

from collections.abc import Callable

import msgspec
import pytest
from testkit import explained
from testkit.stories import earning, tell
from testkit.world import RAIL, World, advocate, at, member, rules, verdict

from goodword.core import calendar, events, semantics
from goodword.core.decision import Step
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
    assert verdict(made.settle([first(made)], "repaid", pat)) == "over_limit"  # one of two is within their own limit
    assert made.settle([first(made)], "repaid", member("olga", "owner")).verdicts[0].outcome == "settled"
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


@pytest.mark.parametrize(
    ("how", "to"), [("forgiven", 1_000), ("written_off", 1_000), ("forgiven", 700), ("repaid", 1_000)]
)
@pytest.mark.parametrize("settled", [1_000, 400])
def test_what_was_let_off_is_earned_after_all(how: str, to: int, settled: int) -> None:
    """A debt is settled, and its refund is taken back, whole or in part: it costs the reward once, and each verdict what was posted."""
    made = debt()
    made.settle([first(made)], how, amount=settled)
    tell(made, "03-01 back f0-1 r1" + ("" if to == 1_000 else " 7.00"))
    assert first(made).amount == to
    left = 0 if how == "repaid" else min(settled, 1_000 - to)
    assert (first(made).let_off, first(made).forgiven) == (left, left)
    assert sum(b.amount for b in made.state.all(Balance) if b.account == "expense") == -(to + left)
    for _, _, decision in made.log:
        assert explained.told(decision.verdicts, made.state) == explained.posted(decision.postings, made.state)
    made.refund("f0-1", to, "again")  # what is given back now is owed anew
    assert first(made).receivable == 1_000 - left - (settled if how == "repaid" else 0)


# --- who is paid when -------------------------------------------------------------------------------------------------


def due(made: World, **amounts: int) -> World:
    """Ann has approved rewards of these amounts by program, all due."""
    for slug, amount in amounts.items():
        made.lead(f"of-{slug}", code="ANN" if slug == "main" else "ANN2")
        made.buy(f"of-{slug}", amount)
    rewards = [reward for slug in amounts for reward in made.approved(friend=f"of-{slug}")]
    made.tick(max(reward.due_at or 0 for reward in rewards))
    return made


def minimum(euro_cents: int) -> dict[str, object]:
    """Rules with a minimum for payouts."""
    return {"payout_minimum": {"EUR": euro_cents}}


def test_one_program_s_minimum_is_not_another_s() -> None:
    """B14: 11.00 of `other` are paid by its minimum of 10.00, whatever `main` owes below its own of 25.00; that is told and waits."""
    made = due(two_programs(main=minimum(2_500), other=minimum(1_000)), main=1_200, other=1_100)
    (payout,) = made.draft("ann")
    assert (payout.amount, payout.programs) == (1_100, (made.program("other"),))
    said = made.log[-1][2].verdicts[0]
    values = {"program": made.program("main"), "sum": 1_200, "minimum": 2_500, "unit": "EUR"}
    assert said.steps[1:] == (Step("short", values),)
    assert made.reward(friend="of-main").payout is None
    assert made.draft("ann") == []
    assert verdict(made.log[-1][2]) == "below_payout_minimum"


def test_a_program_without_a_minimum_pays() -> None:
    """Finding 22: 10.00 of a program without one are paid beside 1.00 of a program with one of 1,000.00."""
    made = due(two_programs(other=minimum(100_000)), main=1_000, other=100)
    (payout,) = made.draft("ann")
    assert payout.amount == 1_000


def left(made: World) -> None:
    """Ann leaves all programs."""
    tell(made, "06-01 left ann")


def ended(made: World) -> None:
    """The program ends."""
    made.command(events.ProgramMoved, program=made.program(), to="ended")


def lowered(made: World) -> None:
    """A lower minimum is published."""
    made.publish(rules(rewards=[advocate(percent="100")], **minimum(1_000)))


@pytest.mark.parametrize("helped", [left, ended, lowered])
def test_what_is_below_the_minimum_is_paid_in_the_end(helped: Callable[[World], None]) -> None:
    """B13 and finding 22: 12.00 below a minimum of 25.00 wait, and are paid once ann left, the program ended or a minimum is met."""
    made = earning(1_200, **minimum(2_500))
    made.approved()
    made.tick("05-01")
    assert made.draft("ann") == []
    helped(made)
    (payout,) = made.draft("ann")
    assert payout.amount == 1_200


def test_a_higher_minimum_holds_nobody_up() -> None:
    """What was earned under a lower minimum is paid by that."""
    made = earning(1_200, **minimum(1_000))
    made.approved()
    made.publish(rules(rewards=[advocate(percent="100")], **minimum(5_000)))
    made.tick("05-01")
    (payout,) = made.draft("ann")
    assert payout.amount == 1_200


def test_under_the_first_behaviour_the_highest_minimum_held_for_all() -> None:
    """What was decided before is decided so again: 11.00 and 12.00 together are below 25.00."""
    made = due(two_programs(1, main=minimum(2_500), other=minimum(1_000)), main=1_200, other=1_100)
    assert made.draft("ann") == []
    assert made.log[-1][2].verdicts[0].steps == (Step("sum", {"sum": 2_300, "minimum": 2_500, "unit": "EUR"}),)


def test_a_program_nets_its_own_debts_first() -> None:
    """Ann owes `main` 10.00; both programs pay her 15.00: all of it is taken from what `main` pays, though `other`'s is older."""
    made = owing(two_programs())
    due(made, main=1_500)
    (payout,) = made.draft("ann")
    assert {part.program: part.sent for part in payout.parts} == {
        made.program("main"): 500,
        made.program("other"): 1_500,
    }


def test_a_program_that_waits_covers_its_own_debts() -> None:
    """`main`, of which 15.00 wait for its minimum, is owed 10.00: `other` pays all that it owes, and no debt is netted twice."""
    made = owing(two_programs(main=minimum(2_500)))
    due(made, main=1_500)
    (payout,) = made.draft("ann")
    assert (payout.amount, payout.parts[0].netted) == (1_500, ())


def test_a_debt_is_netted_once_whoever_drafts() -> None:
    """A payout of `other` waits that nets ann's debt to `main`; who sees `main` alone drafts another, which does not net it again."""
    made = owing(two_programs())
    made.draft("ann")
    due(made, main=1_500)
    mine = member("mia", "payer")
    mine = msgspec.structs.replace(mine, programs=(made.program("main"),))
    fields = {"rail": "bank_file", "kinds": ("cash",), "unit": "EUR", "beneficiaries": ("ann",)}
    said = made.command(events.PayoutDrafted, mine, **fields)
    assert (said.verdicts[0].outcome, said.verdicts[0].amount) == ("drafted", 1_500)


@pytest.mark.parametrize(
    ("schedule", "approved", "expected"),
    [
        ({}, "2024-03-10T12:00", "2024-04-15"),
        ({"every": "month", "net": 30}, "2024-03-10T12:00", "2024-04-30"),
        ({"every": "week"}, "2024-03-10T12:00", "2024-03-11"),  # a Sunday
        ({"every": "week"}, "2024-03-11T12:00", "2024-03-18"),
        ({"every": "week", "net": 5}, "2024-03-11T12:00", "2024-03-22"),
        ({"every": "once"}, "2024-03-10T12:00", "2024-03-10T12:00"),
        ({"every": "threshold"}, "2024-03-10T12:00", "2024-03-10T12:00"),
    ],
)
def test_the_calendar_is_a_rule(schedule: dict[str, object], approved: str, expected: str) -> None:
    """First-hour 7: when what is approved is due follows the rules: NET-n after the month, by the week, at once."""
    made = earning(600, payouts=schedule, **minimum(500))
    made.tick(approved)
    made.payee("ann")
    made.approve(made.rewards())
    assert calendar.text(made.reward().due_at or 0) == calendar.text(at(expected))


def test_a_draft_that_gathers_nothing_says_what_is_due_when() -> None:
    """First-hour 7: the next three dates, how many rewards and how much then; of one person, and of all of them together."""
    made = earning(1_000, 2_000, hold="0d")
    made.lead("by-amy", code="AMY")
    made.buy("by-amy", 5_000)
    made.approved()
    step = Step("due", {"at": at("2024-02-15"), "count": 2, "amount": 3_000, "unit": "EUR"})
    together = Step("due", {"at": at("2024-02-15"), "count": 3, "amount": 8_000, "unit": "EUR"})
    for people, subject, steps in ((("ann",), "ann", (step,)), (("ann", "amy", "bob"), None, (together,))):
        assert made.draft(*people) == []
        (said,) = made.log[-1][2].verdicts
        assert (said.refusal, said.subject, said.steps) == ("not_due", subject, steps)
    assert sentences(said).steps == [("due", "3 rewards, 80.00 EUR, are due on 2024-02-15T00:00:00Z.")]
