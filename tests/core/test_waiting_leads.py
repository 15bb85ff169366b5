"""A touch, enrolment or code that comes after a lead that bound nothing has that lead decided again, or opens a claim."""

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations

import pytest
from testkit.world import World, advocate, at, friend, said
from tests.core.test_loading import decided_on_parts

from goodword.core import entry, events, semantics
from goodword.core.decision import Decision
from goodword.core.state import Customer, Referral, Visitor

#: Something that happens, whenever it arrives.
Happening = Callable[[World], Decision]

BOUND = [
    ("attribution", "attributed"),
    ("reward", "earned", "friend", 500),
    ("reward", "earned", "advocate", 1_000),
]


def made(**parts: object) -> World:
    """A workspace with a program; it is February, and what happens arrives now."""
    world = World()
    world.publish(**parts)
    world.tick("02-01")
    return world


def test_a_click_that_arrives_behind_its_lead_is_not_lost() -> None:
    """Lead of 3 January by v1, its click of 2 January arrives later: bound and earned as if it had come in time (finding 16)."""
    world = made()
    world.enrol("ann", when="01-01")
    assert said(world.lead("bob", when="01-03", visitor="v1")) == [("attribution", "no_touch")]
    assert said(world.click("ANN", "v1", when="01-02")) == [("event", "recorded"), ("attribution", "attributed")]
    assert said(world.buy("bob", when="01-04")) == BOUND[1:]


def test_what_was_bought_meanwhile_is_decided_again() -> None:
    """The order came before the click too: it earns when the click comes, and the verdicts name the events they replace."""
    world = made()
    world.enrol("ann", when="01-01")
    lead = world.lead("bob", when="01-03", visitor="v1")
    world.buy("bob", when="01-04")
    decision = world.click("ANN", "v1", when="01-02")
    assert said(decision) == [("event", "recorded"), *BOUND]
    assert decision.verdicts[1].redecides == world.log[-3][0].evt
    assert {verdict.redecides for verdict in decision.verdicts[2:]} == {world.log[-2][0].evt}
    assert lead.verdicts[0].refusal == "no_touch"


def test_an_enrolment_that_arrives_behind_the_lead_of_a_click_is_not_lost() -> None:
    """Click and lead named a code that nobody had; the enrolment of before arrives later and brings the lead (finding 16)."""
    world = made()
    world.click("ANN", "v1", when="01-02")
    assert said(world.lead("bob", when="01-03", visitor="v1")) == [("attribution", "unknown_code")]
    world.buy("bob", when="01-04")
    assert said(world.enrol("ann", when="01-01")) == [("event", "enrolled"), *BOUND]


def test_an_order_that_carried_a_visitor_waits_too() -> None:
    """A guest's order is a lead as well: a click that comes later brings it (B30)."""
    world = made()
    world.enrol("ann", when="01-01")
    assert said(world.buy("bob", when="01-04", visitor="v1")) == [("attribution", "no_touch")]
    assert said(world.click("ANN", "v1", when="01-02")) == [("event", "recorded"), *BOUND]


def test_a_click_of_after_the_lead_brings_nobody() -> None:
    """It has no lead decided again, and says nothing of one."""
    world = made()
    world.enrol("ann", when="01-01")
    world.lead("bob", when="01-03", visitor="v1")
    assert said(world.click("ANN", "v1", when="01-04")) == [("event", "recorded")]
    assert said(world.click("ANN", "v1", when="01-02", bot=True)) == [("event", "recorded")]


def test_what_a_page_says_brings_nobody_who_waits() -> None:
    """A publishable key stands in every page: its click is evidence for leads to come, and decides none again."""
    world = made()
    world.enrol("ann", when="01-01")
    world.lead("bob", visitor="v1")
    assert said(world.click("ANN", "v1", unverified=True)) == [("event", "recorded")]
    assert world.claims() == []


def test_a_lead_of_who_is_bound_by_now_becomes_a_claim() -> None:
    """The lead of the 3rd waits when that of the 5th binds bob to amy; ann's click of the 2nd would have come first."""
    world = made()
    world.enrol("ann", when="01-01")
    world.enrol("amy", when="01-01")
    world.lead("bob", when="01-03", visitor="v1")
    world.lead("bob", when="01-05", code="AMY")
    decision = world.click("ANN", "v1", when="01-02")
    assert said(decision) == [("event", "recorded"), ("attribution", "already_bound")]
    [claim] = world.claims(status="open")
    assert (claim.shares[0].person, claim.friend, claim.kind) == ("ann", "bob", "later_lead")
    assert said(world.click("ANN", "v1", when="01-02T01:00")) == [("event", "recorded")]
    assert len(world.claims()) == 1


def test_the_earliest_of_several_leads_is_decided_first() -> None:
    """Two leads of bob wait with one visitor: the first one binds, with its own time."""
    world = made()
    world.enrol("ann", when="01-01")
    world.lead("bob", when="01-05", visitor="v1")
    world.lead("bob", when="01-03", visitor="v1")
    decision = world.click("ANN", "v1", when="01-02")
    assert said(decision) == [("event", "recorded"), ("attribution", "attributed"), ("attribution", "already_bound")]
    assert world.claims() == []
    assert [customer.waiting for customer in world.state.all(Customer)] == [()]


def test_twenty_leads_of_a_customer_wait_at_most() -> None:
    """The newest are kept; of a browser in a shop window those of its first hundred persons are found."""
    world = made()
    for number in range(103):
        world.lead(f"p{number}", visitor="v1")
        world.lead("bob", visitor=f"w{number}")
    visitor = world.state.get(Visitor, "v1")
    customer = world.state.get(Customer, "bob")
    assert visitor is not None
    assert customer is not None
    assert (len(visitor.persons), len(customer.visitors), len(customer.waiting)) == (100, 100, 20)


def test_a_lead_is_won_by_another_browser_of_its_customer_whatever_comes_first() -> None:
    """Ann's link was clicked by v2; bob is named with v1, buys, and is named with v2: he is ann's from his first lead on."""
    told: list[Happening] = [
        lambda world: world.click("ANN", "v2", when="01-02"),
        lambda world: world.lead("bob", when="01-03", visitor="v1"),
        lambda world: world.buy("bob", when="01-04"),
        lambda world: world.lead("bob", when="01-05", visitor="v2"),
    ]
    for order in permutations(told):
        world = made()
        world.enrol("ann", when="01-01")
        for happening in order:
            happening(world)
        (referral,) = world.state.all(Referral)
        assert (referral.lead_at, sorted(reward.amount for reward in world.rewards())) == (
            at("2024-01-03"),
            [500, 1_000],
        )
        assert world.claims() == []


def test_a_lead_is_won_by_a_browser_of_an_account_that_is_merged() -> None:
    """Bob was named with v1 and bea with v2, who clicked ann's link before; both are one, who is ann's from bob's lead on."""
    world = made()
    world.enrol("ann", when="01-01")
    world.click("ANN", "v2", when="01-02")
    world.lead("bob", when="01-03", visitor="v1")
    world.buy("bob", when="01-04")
    world.lead("bea", when="01-01", visitor="v2")
    assert said(world.send(events.PersonMerged, keep="bob", gone="bea")) == [("event", "merged"), *BOUND]


def test_conversions_of_a_late_lead_earn_in_the_order_of_their_time() -> None:
    """The order of the 4th came without a touch, then that of the 3rd with a code: the earlier one is the first."""
    world = made()
    world.enrol("ann", when="01-01")
    world.buy("bob", when="01-04", invoice="i4")
    decision = world.buy("bob", when="01-03", invoice="i3", code="ANN")
    assert said(decision) == [*BOUND, ("reward", "not_first", None, None)]
    assert {reward.conversion for reward in world.rewards()} == {"inv:i3"}
    assert [verdict.redecides for verdict in decision.verdicts[1:3]] == [None, None]


def test_the_first_behaviour_lost_what_was_late() -> None:
    """Under it neither click nor enrolment decides a lead again, and the later order takes the first place: decided so again."""
    world = made()
    world.semantics = semantics.LATE_IS_NOT_LOST - 1
    world.enrol("ann", when="01-01")
    world.click("NEW", "v2", when="01-02")
    world.lead("bob", when="01-03", visitor="v1")
    world.lead("bea", when="01-03", visitor="v2")
    assert said(world.click("ANN", "v1", when="01-02")) == [("event", "recorded")]
    assert said(world.enrol("new", when="01-01")) == [("event", "enrolled")]
    world.buy("cid", when="01-04", invoice="i4")
    world.buy("cid", when="01-03", invoice="i3", code="ANN")
    assert {reward.conversion for reward in world.rewards(friend="cid")} == {"inv:i4"}


# --- every order of delivery ------------------------------------------------------------------------------------------


def click(code: str, when: str, visitor: str = "v1") -> Happening:
    """A click, whenever it arrives."""
    return lambda world: world.click(code, visitor, when=when)


def lead(person: str, when: str, **more: str) -> Happening:
    """A lead, whenever it arrives."""
    return lambda world: world.lead(person, when=when, **more)


def buy(invoice: str, when: str, **more: str) -> Happening:
    """An order of bob's, whenever it arrives."""
    return lambda world: world.buy("bob", when=when, invoice=invoice, **more)


def enrol(person: str, when: str) -> Happening:
    """An enrolment, whenever it arrives."""
    return lambda world: world.enrol(person, when=when)


HISTORIES: dict[str, list[Happening]] = {
    "a click": [
        enrol("ann", "01-01"),
        click("ANN", "01-02"),
        lead("bob", "01-03", visitor="v1"),
        buy("i4", "01-04"),
        buy("i5", "01-05"),
    ],
    "a code": [
        enrol("ann", "01-01"),
        lead("bob", "01-03", code="ANN"),
        buy("i4", "01-04"),
        buy("i5", "01-05"),
    ],
    "an order that is a lead": [
        enrol("ann", "01-01"),
        click("ANN", "01-02"),
        buy("i4", "01-04", visitor="v1"),
        buy("i5", "01-05"),
    ],
    "two advocates": [
        enrol("ann", "01-01"),
        enrol("amy", "01-01"),
        click("ANN", "01-02"),
        click("AMY", "01-02T12:00"),
        lead("bob", "01-03", visitor="v1"),
        buy("i4", "01-04"),
    ],
    "two leads": [
        enrol("ann", "01-01"),
        enrol("amy", "01-01"),
        click("ANN", "01-02"),
        lead("bob", "01-03", visitor="v1"),
        lead("bob", "01-04", code="AMY"),
        buy("i5", "01-05"),
    ],
}


def earned(world: World) -> dict[tuple[str, str, str], int]:
    """(side, beneficiary, conversion) -> what they earned together."""
    sums: dict[tuple[str, str, str], int] = {}
    for reward in world.rewards():
        key = reward.side, reward.beneficiary, reward.conversion
        sums[key] = sums.get(key, 0) + reward.amount
    return {key: amount for key, amount in sums.items() if amount}


def told(happened: Iterable[Happening], **parts: object) -> World:
    """A workspace to which this was told, in this order."""
    world = made(**parts)
    for happening in happened:
        happening(world)
    return world


def named(world: World) -> bool:
    """Whether an open claim or case says that something would have it otherwise."""
    return bool(world.claims(status="open", friend="bob") or world.cases(status="open"))


@pytest.mark.parametrize("rule", [{"months": 12}, {}])
@pytest.mark.parametrize("name", HISTORIES)
def test_in_every_order_of_delivery_the_same_is_earned(name: str, rule: dict[str, int]) -> None:
    """Each conversion earns the same for the same person however the events arrive, or an open claim or case names the difference."""
    history: Sequence[Happening] = HISTORIES[name]
    conversion = {"conversion": {"counts": rule}, "rewards": [advocate(percent="10"), friend(flat={"EUR": 500})]}
    right = earned(told(history, **conversion))
    assert right
    alike = 0
    for order in permutations(history):
        world = told(order, **conversion)
        alike += earned(world) == right
        assert earned(world) == right or named(world), [history.index(each) for each in order]
    assert alike > len(history)  # and not by claims alone


@pytest.mark.parametrize("parted", [True, False])
@pytest.mark.parametrize("by", ["lead", "order"])
def test_who_is_bound_and_turns_out_to_have_clicked_before_what_waited_begins_with_that(by: str, parted: bool) -> None:
    """Their orders since then are decided again, and all of these are loaded: else what was taken could not be decided."""
    world = made()
    world.enrol("ann", when="01-01")
    world.click("ANN", "v1", when="01-02")
    world.lead("bob", when="01-03")
    world.lead("bob", when="01-05", code="ANN")
    if by == "lead":
        world.lead("bob", when="01-06", visitor="v1")
    else:
        world.buy("bob", when="01-06", visitor="v1", code="ANN")
    [referral] = world.state.all(Referral)
    assert referral.lead_at == at("01-03")
    decided_on_parts([entry.asked(leaf) for leaf in world.leaves], parted=parted)
