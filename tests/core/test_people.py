"""Who is erased: refused while anything is open for them; then they have left, and what they earned stays as it was."""

import msgspec
import pytest
from testkit.stories import tell, world
from testkit.world import CLERK, OWNER, advocate, friend, member, rules, verdict

from goodword.core import events
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Balance, Offer


@pytest.mark.parametrize("until", ["pending", "in_review", "approved", "processing"])
def test_nobody_is_erased_while_something_is_open_for_them(until: str) -> None:
    """A reward that waits for its hold, its approval, its payout or the rail's answer keeps name and account."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    if until != "pending":
        made.tick("2024-03-01")
    if until == "approved":
        made.approved()
    if until == "processing":
        made.paid(until="processing")
    assert {one.status for one in made.rewards(beneficiary="ann")} == {until}
    before = msgspec.structs.replace(made.state.get(Advocate, (made.program(), "ann")))  # type: ignore[type-var]
    said = made.command(events.PersonErased, person="ann")
    assert verdict(said) == "rewards_open"
    assert made.state.get(Advocate, (made.program(), "ann")) == before


def test_who_is_erased_has_left_every_program_and_keeps_what_is_settled() -> None:
    """Rewards that are paid stay as they are; codes of theirs attribute no more."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    made.paid()
    main, other = made.program(), made.publish(rules(program="other"))
    made.enrol("ann", "OANN", program=other)
    paid = made.rewards(beneficiary="ann")
    assert [one.status for one in paid] == ["paid"]
    said = made.command(events.PersonErased, person="ann")
    assert (verdict(said), dict(said.verdicts[0].steps[0].values)) == ("erased", {"programs": sorted([main, other])})
    assert made.rewards(beneficiary="ann") == paid
    assert {one.status for one in made.state.all(Advocate) if one.person == "ann"} == {"left"}
    assert (
        verdict(made.command(events.PersonErased, member("pat", "payer", "approver"), person="ann")) == "not_permitted"
    )
    assert verdict(made.command(events.PersonErased, CLERK, person="ann")) == "not_permitted"
    again = made.command(events.PersonErased, person="ann")
    assert (verdict(again), again.verdicts[0].steps) == ("erased", ())


ANN, EVE = (Actor(id=name, kind="person") for name in ("ann", "eve"))
#: Who says that Ann is erased and gives up what is open, while it is pending -> what becomes of it.
WHO = {
    "herself": (ANN, "erased"),
    "another": (EVE, "not_found"),
    "an owner": (OWNER, "not_found"),
    "a link to a form": (None, "not_permitted"),
}


@pytest.mark.parametrize("who", WHO)
def test_only_a_person_themselves_gives_up_what_is_open(who: str) -> None:
    """Nobody else ends what somebody is owed by erasing them; whoever may erase them has to pay or reject it."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    actor, outcome = WHO[who]
    actor = actor or Actor(id="ann", kind="person", programs=(made.program(),))
    before = made.rewards(beneficiary="ann")
    said = made.command(events.PersonErased, actor, person="ann", gives_up=True).verdicts[-1]
    assert (said.refusal or said.outcome) == outcome
    assert (made.rewards(beneficiary="ann") == before) == (outcome != "erased")


@pytest.mark.parametrize("until", ["pending", "in_review", "approved", "awaiting_release"])
def test_what_is_given_up_goes_back_to_where_it_came_from(until: str) -> None:
    """By balanced postings: nothing is owed to them, nothing is spent for them, no payout has it, and others keep theirs."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    if until != "pending":
        made.tick("2024-03-01")
    if until in ("approved", "awaiting_release"):
        rewards = made.approved()
    if until == "awaiting_release":
        made.tick(max(it.due_at or 0 for it in rewards))
        [payout] = made.draft("ann")
    [mine] = made.rewards(beneficiary="ann")
    others = {key: it for key, it in made.balances().items() if key[1] != "ann"}
    assert {key[1] for key in made.balances()} >= {"ann"}
    said = made.command(events.PersonErased, ANN, person="ann", gives_up=True)
    told = [it for it in said.verdicts if it.subject == mine.id]
    assert [(it.outcome, it.amount, it.steps[-1].code) for it in told] == [("rejected", 0, "given_up")]
    [mine] = made.rewards(beneficiary="ann")
    assert (mine.status, mine.amount, mine.payout) == ("rejected", 0, None)
    assert made.balances() == others
    assert sum(it.amount for it in made.state.all(Balance)) == 0
    if until == "awaiting_release":
        assert made.payout(payout.id).status == "canceled"


def test_what_is_on_its_way_is_not_given_up() -> None:
    """All of it stays as it is: without account and name it could not come back."""
    made = world()
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    made.paid(until="processing")
    before = made.rewards(beneficiary="ann")
    assert verdict(made.command(events.PersonErased, ANN, person="ann", gives_up=True)) == "rewards_open"
    assert made.rewards(beneficiary="ann") == before


@pytest.mark.parametrize("delivered", ["paid to an account", "as credit, of which a part is there"])
def test_who_gives_up_the_rest_owes_nothing_back_of_what_was_paid_before(delivered: str) -> None:
    """An order of which they were paid is worth more by now: they give up the difference, and no debt of theirs is left."""
    ours = delivered != "paid to an account"
    made = world(rewards=[advocate(kind="credit" if ours else "cash", percent="10")])
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR")
    if ours:
        made.tick(max(it.due_at or 0 for it in made.approved()))
        [payout] = made.draft("ann", rail="store_credit")
        made.release([payout])
        for outcome in ("processing", "sent", "completed"):
            made.answer(payout, outcome)
        made.send(events.CreditRedeemed, person="ann", redemption="r", amount=400, currency="EUR")
    else:
        made.paid()
    made.send(events.ConversionAmended, invoice="bob-1", amendment="a1", amount=15_000, currency="EUR")
    [mine] = made.rewards()
    assert (mine.status, mine.sent, mine.unsent) == ("in_review", 1_000, 500)
    said = made.command(events.PersonErased, ANN, person="ann", gives_up=True)
    assert said.verdicts[-1].outcome == "erased"
    assert [(it.outcome, it.amount) for it in said.verdicts if it.outcome == "forgiven"] == [
        ("forgiven", 400 if ours else 1_000)
    ]
    [mine] = made.rewards()
    assert (mine.status, mine.receivable, mine.owed_by) == ("rejected", 0, None)
    assert {key for key in made.balances() if key[1] == "ann"} == set()
    assert sum(it.amount for it in made.state.all(Balance)) == 0


def test_what_they_owe_back_stays_owed_by_who_gives_up_the_rest() -> None:
    """Giving up lets nobody off: what was sent too much before is a debt as it was."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "01-02 lead bob code=ANN\n01-03 buy bob 100.00 EUR\n01-02 lead eve code=ANN")
    made.paid()
    tell(made, "06-01 refund bob-1 40.00 r1\n06-02 buy eve 50.00 EUR")
    made.command(events.PersonErased, ANN, person="ann", gives_up=True)
    assert [(it.status, it.receivable) for it in made.rewards()] == [("paid", 400), ("rejected", 0)]


@pytest.mark.parametrize("gives_up", [True, False])
def test_a_discount_that_they_had_is_neither_open_for_them_nor_given_up(gives_up: bool) -> None:
    """The shop took it off their order: it stays a cost, also to the budget, once it is approved; owners wait for that, as before."""
    made = world(rewards=[advocate(kind="points", points=10), friend(kind="welcome", flat={"EUR": 500}, valid="30d")])
    made.lead("bob", code="ANN")
    [offer] = made.state.all(Offer)
    made.buy("bob", 9_500, discount=500, offer=offer.id)
    [before] = made.rewards(beneficiary="bob")
    assert (before.status, before.amount) == ("pending", 500)
    assert verdict(made.command(events.PersonErased, person="bob")) == "rewards_open"
    bob = Actor(id="bob", kind="person")
    assert verdict(made.command(events.PersonErased, bob, person="bob", gives_up=gives_up)) == "erased"
    assert made.rewards(beneficiary="bob") == [before]
    made.tick(before.hold_until)
    made.approve(made.rewards(beneficiary="bob"))
    assert [it.status for it in made.rewards(beneficiary="bob")] == ["paid"]
    assert made.balances()["settled", "welcome"] == 500
