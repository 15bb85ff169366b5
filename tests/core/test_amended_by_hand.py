"""A member amends an order by hand: as a source would, with a reason, and with nothing more to say about what it earns."""

from typing import Any

import pytest
from testkit.world import OWNER, World, advocate, member, said, verdict

from goodword.core import events, semantics
from goodword.core.decision import Decision
from goodword.core.facts import Actor

OLGA, OTTO, SUE = member("olga", "owner"), member("otto", "owner"), member("sue", "support")


def bought(number: int = semantics.CURRENT) -> World:
    """Bob, whom ann brought, bought for 100.00, of which ann gets ten per cent."""
    made = World()
    made.semantics = number
    made.join(OWNER, OLGA, OTTO, SUE)
    made.publish(hold="0d", rewards=[advocate(percent="10")], conversion={"minimum": {"EUR": 5_000}})
    made.enrol("ann")
    made.lead("bob", code="ANN")
    made.buy("bob")
    made.payee("ann")
    return made


def amend(made: World, amount: int, by: Actor = SUE, conversion: str = "inv:bob-1", **more: Any) -> Decision:
    """Say that an order has other figures."""
    fields = {"currency": "EUR", "reason": "goodwill", **more}
    return made.command(events.OrderAmended, by, conversion=conversion, amount=amount, **fields)


def test_what_an_order_earned_rises_and_falls_with_what_a_member_says() -> None:
    """Of 120.00 ann gets 12.00, of 80.00 then 8.00; each by a verdict of its own that says what it was (B04, Q14)."""
    made = bought()
    assert said(amend(made, 12_000)) == [("event", "amended"), ("reward", "adjusted", "advocate", 1_200)]
    assert said(amend(made, 8_000)) == [("event", "amended"), ("reward", "adjusted", "advocate", 800)]
    assert made.reward().amount == 800


def test_who_amended_an_order_neither_approves_nor_releases_what_it_earns() -> None:
    """Owners too, also what it earns only since; another owner does both."""
    for before in (10_000, 4_000):
        made = bought()
        made.lead("eve", code="ANN")
        made.buy("eve", before)
        amend(made, 12_000, OLGA, "inv:eve-1")
        [reward] = made.rewards(friend="eve")
        refused = made.approve([reward], OLGA)
        assert verdict(refused) == "own_work"
        assert refused.verdicts[0].steps[0].values["did"] == "conversion.amended"
        assert verdict(made.approve([reward], OTTO)) == "approved"
        made.tick(made.rewards(friend="eve")[0].due_at or 0)
        payouts = made.draft("ann")
        assert verdict(made.release(payouts, OLGA)) == "own_work"
        assert verdict(made.release(payouts, OTTO)) == "released"


def test_what_was_approved_is_reviewed_again_when_a_member_raises_it() -> None:
    """No amendment sends more than somebody else approved; what it lowers stays approved."""
    made = bought()
    made.approve(made.rewards(), OTTO)
    amend(made, 9_000, OLGA)
    assert (made.reward().status, made.reward().amount) == ("approved", 900)
    amend(made, 20_000, OLGA)
    assert (made.reward().status, made.reward().amount) == ("in_review", 2_000)
    assert verdict(made.approve(made.rewards(), OLGA)) == "own_work"


def test_an_order_that_there_is_not_or_that_is_not_paid_is_refused() -> None:
    """One that nobody told, a draft, one that was taken back, another currency: nothing of it is kept."""
    made = bought()
    made.send(events.ConversionRecorded, person="eve", invoice="draft", amount=5_000, currency="EUR", status="open")
    made.send(events.ConversionRefunded, invoice="early", refund="r1", amount=100)
    made.send(events.ConversionCanceled, invoice="bob-1")
    before = {key: value for table in made.state.tables.values() for key, value in table.items()}
    assert verdict(amend(made, 1, conversion="inv:none")) == "not_found"
    assert verdict(amend(made, 1, conversion="inv:early")) == "not_found"
    assert verdict(amend(made, 1, conversion="inv:draft")) == "wrong_state"
    assert verdict(amend(made, 1)) == "conversion_canceled"
    assert {key: value for table in made.state.tables.values() for key, value in table.items()} == before
    assert verdict(amend(bought(), 12_000, currency="USD")) == "refund_currency"


def test_what_happened_last_counts_whoever_says_it() -> None:
    """A source that amends an order later than a member did has the last word, and so has the member after it."""
    made = bought()
    amend(made, 12_000)
    made.tick(made.now + 1)
    made.send(events.ConversionAmended, invoice="bob-1", amendment="a1", amount=9_000, currency="EUR")
    assert made.reward().amount == 900
    made.tick(made.now + 1)
    amend(made, 11_000)
    assert made.reward().amount == 1_100


@pytest.mark.parametrize("number", [semantics.AMENDED_BY_HAND - 1, semantics.CURRENT])
def test_who_chose_an_orders_figures_had_a_part_in_what_it_earns_since(number: int) -> None:
    """An order of nothing that anybody earned by, replaced in a case: who decided it does not approve what it earns now."""
    made = bought(number)
    made.lead("eve", code="ANN")
    made.buy("eve", 4_000, invoice="e1")
    assert not made.rewards(friend="eve")
    made.buy("eve", 12_000, invoice="e1")
    [case] = made.cases()
    made.command(events.CaseDecided, OLGA, case=case.id, outcome="replaced", reason="seen")
    said_ = verdict(made.approve(made.rewards(friend="eve"), OLGA))
    assert said_ == ("own_work" if number >= semantics.AMENDED_BY_HAND else "approved")
