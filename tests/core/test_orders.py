"""What an order is: its parts, its base, its lines, drafts and amendments, refunds of every sort. Findings by their number."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import OWNER, World, advocate, member
from tests.core.independent_checker import recompute

from goodword.core import events
from goodword.core.entry import read
from goodword.core.state import Chargeback
from goodword.sources.amounts import charged

STORIES = stories(__file__)


def checked(made: World) -> None:
    """Every reward verdict follows from its own steps, and the log is read back as it was written."""
    for leaf in made.leaves:
        for verdict in read(leaf).verdicts:
            if verdict.about != "reward":
                continue
            said: dict[str, Any] = {"about": "reward", "steps": [[s.code, s.values] for s in verdict.steps]}
            refusal, amount = recompute(said)
            assert refusal == verdict.refusal
            if verdict.refusal is None:
                assert amount == verdict.amount, verdict


@pytest.mark.parametrize("name", STORIES)
def test_story(name: str) -> None:
    """Each line of a story is decided as it says, and every reward is explained by its steps."""
    parts, story = STORIES[name]
    made = world(**parts)
    tell(made, story)
    checked(made)


def test_a_paid_order_that_is_raised_sends_the_difference() -> None:
    """B04: of a reward that was paid, what an amendment adds is reviewed by itself; the list shows it, and it is sent in the end."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 100.00 EUR")
    (payout,) = made.paid()
    tell(made, "03-01 amend bob-1 120.00 EUR a1 -> amended; ann now 12.00 EUR")
    assert (made.reward().status, made.reward().sent) == ("in_review", 1_000)
    assert [item.amount for item in made.items(made.rewards())] == [200]
    (more,) = made.paid()
    assert (more.amount, made.reward().sent, made.reward().status) == (200, 1_200, "paid")
    made.answer(made.payout(payout.id), "returned")
    assert (made.reward().sent, made.reward().unsent, made.reward().status) == (200, 1_000, "in_review")


def test_an_order_that_is_raised_on_its_way_is_reviewed_when_it_arrived() -> None:
    """B04: a payout that is under way goes on as it was released; what is owed beyond it waits for a person."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 100.00 EUR")
    (payout,) = made.paid(until="processing")
    tell(made, "03-01 amend bob-1 120.00 EUR a1 -> amended; ann now 12.00 EUR")
    assert made.reward().status == "processing"
    made.answer(payout, "completed")
    assert (made.reward().status, made.reward().unsent) == ("in_review", 200)


@pytest.mark.parametrize("until", ["processing", "completed"])
def test_a_lost_dispute_that_is_won_after_payment_leaves_no_debt(until: str) -> None:
    """B10: lost after payment is owed back; kept after all it is not, and nothing is sent twice."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 100.00 EUR")
    made.paid(until=until)
    before = made.balances()
    tell(made, "03-01 chargeback bob-1 opened\n03-01 chargeback bob-1 lost")
    assert made.reward().receivable == 1_000
    tell(made, "03-01 chargeback bob-1 kept -> chargeback_kept; returned; ann now 10.00 EUR")
    assert (made.balances(), made.reward().unsent) == (before, 0)


@pytest.mark.parametrize(("outcome", "earned"), [("kept", 1_000), ("replaced", 800), ("cleared", 1_000)])
def test_a_person_says_which_delivery_counts(outcome: str, earned: int) -> None:
    """7: fifty deliveries of one paid invoice with other values are one case, by which the first stays or the newest counts."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 100.00 EUR")
    for amount in [*range(9_000, 9_050), 8_000]:
        made.buy("bob", 8_000 if amount > 9_003 else amount)
    (case,) = made.cases(kind="conversion_conflict")
    assert made.reward().cases == (case.id,)
    made.command(events.CaseDecided, case=case.id, outcome=outcome, reason="looked")
    assert (made.reward().amount, made.reward().cases) == (earned, ())
    made.buy("bob", 8_000)
    assert len(made.cases()) == 1
    checked(made)


def test_who_chose_the_figures_does_not_approve_what_follows() -> None:
    """7: the member who replaced an order's figures cannot approve its reward; another one can."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN\n01-02 buy bob 100.00 EUR\n01-02 buy bob 120.00 EUR")
    made.payee("ann")
    (case,) = made.cases()
    made.command(events.CaseDecided, case=case.id, outcome="replaced", reason="looked", choice=made.log[-2][0].evt)
    assert made.approve(made.rewards(), OWNER).verdicts[0].refusal == "own_work"
    assert made.approve(made.rewards(), member("max")).verdicts[0].outcome == "approved"


def test_a_draft_that_is_amended_below_what_was_given_back_keeps_that_within_it() -> None:
    """Of an open invoice of 100.00 all was given back when it becomes 50.00: no more count, and it earns nothing."""
    made = world(rewards=[advocate(percent="10")], hold="0d")
    tell(made, "01-02 lead bob code=ANN")
    made.buy("bob", 10_000, status="open")
    tell(made, "01-03 refund bob-1 100.00\n01-04 amend bob-1 50.00 EUR a1 -> amended")
    assert (made.conversion().amount, made.conversion().back.amount) == (5_000, 5_000)
    made.buy("bob", 5_000)
    assert (made.conversion().net, made.reward().amount) == (0, 0)


def test_one_order_has_one_base_however_it_is_told() -> None:
    """B01: told as charged with its parts, by lines, or by a source of net figures: one base, and one refund."""
    goods, tax, shipping = 5_000, 500, 1_000
    tellings: tuple[dict[str, Any], ...] = (
        {"amount": 6_500, "tax": 500, "shipping": 1_000},
        {"amount": charged(goods, tax, shipping), "tax": tax, "shipping": shipping},
        {
            "amount": 6_500,
            "tax": 500,
            "shipping": 1_000,
            "lines": tuple(events.Line(id=str(n), product="book", amount=2_500) for n in range(2)),
        },
    )
    for telling in tellings:
        made = world(rewards=[advocate(percent="20")])
        tell(made, "01-02 lead bob code=ANN")
        made.buy("bob", **telling)
        assert made.reward().amount == 1_000
        made.refund("bob-1", 2_500)
        assert made.reward().amount == 500


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("amend"), st.integers(0, 3), st.integers(0, 12_000), st.integers(0, 2_000), st.integers(0, 900)
        ),
        st.tuples(
            st.just("refund"), st.integers(0, 3), st.integers(1, 7_000), st.integers(0, 900), st.integers(0, 400)
        ),
        st.tuples(st.just("back"), st.integers(0, 3)),
        st.tuples(st.just("lost"), st.integers(0, 1), st.integers(1, 5_000)),
        st.tuples(st.just("kept"), st.integers(0, 1)),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(
    changes=CHANGES, first=st.integers(0, 8), base=st.sampled_from(["goods", "with_tax", "with_shipping", "charged"])
)
def test_what_is_left_is_what_was_charged_less_refunds_priced_at_once(
    changes: list[tuple[Any, ...]], first: int, base: str
) -> None:
    """However amendments, refunds, returns and disputes come: the same as the last figures and what was given back for good."""
    made, once = (world(conversion={"base": base}, rewards=[advocate(percent="12.5")]) for _ in range(2))
    tell(made, "01-02 lead bob code=ANN")
    tell(once, "01-02 lead bob code=ANN")
    said, figures, amended = {}, {"amount": 10_000, "tax": 1_000, "shipping": 500}, set()
    for number, (what, which, *more) in enumerate([*changes, *[("none", 0)] * 9]):
        if number == first:
            made.buy("bob", 10_000, tax=1_000, shipping=500)
        if what == "amend" and which not in amended and made.conversion().currency is not None:
            amount, tax, shipping = more[0] + more[1] + more[2], more[1], more[2]
            figures = {"amount": amount, "tax": tax, "shipping": shipping}
            amended = {which}  # the id of the last one is known
            made.send(events.ConversionAmended, invoice="bob-1", amendment=f"a{which}", currency="EUR", **figures)
        elif what == "refund":
            parts = {"tax": min(more[1], more[0]), "shipping": min(more[2], max(0, more[0] - more[1]))}
            made.refund("bob-1", more[0], f"r{which}", **parts)
            said.setdefault(f"r{which}", (made.log[-1][0].evt, more[0], parts))
        elif what == "back":
            made.send(events.RefundReturned, invoice="bob-1", refund=f"r{which}")
            said[f"r{which}"] = None
        elif what == "lost":
            named = {"invoice": "bob-1", "chargeback": f"c{which}"}
            made.send(events.ChargebackOpened, amount=more[0], **named)
            made.send(events.ChargebackClosed, outcome="lost", **named)
        elif what == "kept":
            made.send(events.ChargebackClosed, outcome="kept", invoice="bob-1", chargeback=f"c{which}")
    once.buy("bob", **figures)
    conversion, alone = made.conversion(), once.conversion()
    rest = conversion.back
    if rest.amount:
        once.refund("bob-1", rest.amount, tax=rest.tax, shipping=rest.shipping)
    alone = once.conversion()
    assert (conversion.amount, conversion.back) == (alone.amount, alone.back)
    assert sum(r.amount for r in made.rewards()) == sum(r.amount for r in once.rewards())
    assert rest.amount == min(conversion.amount or 0, sum(value[1] for value in said.values() if value) + lost(made))
    checked(made)


def lost(made: World) -> int:
    """What was asked back by disputes that are lost."""
    return sum(each.amount or 0 for each in made.state.all(Chargeback) if each.status == "lost")
