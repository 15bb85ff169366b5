"""A proof that comes late stops what is open, as it comes: a person looks at it, and nothing is taken away by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import World, at, member, said, verdict

from goodword.core import events, persons, semantics
from goodword.core.decision import Decision
from goodword.core.state import Referral

OLD = "01-01"  # before the recommendation


def earned(number: int = semantics.CURRENT, **parts: Any) -> World:
    """Bob, whom ann brought, bought: both are owed something."""
    made = world(**parts)
    made.semantics = number
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    return made


def stopped(made: World) -> list[tuple[str, tuple[str, ...]]]:
    """The flags of open cases, each with the sides that wait for it."""
    found = []
    for case in made.cases(status="open"):
        sides = tuple(sorted(reward.side for reward in made.rewards() if case.id in reward.cases))
        found += [(flag.code, sides) for flag in case.flags]
    return found


def mail(made: World, *people: str) -> None:
    """A server says the same mail of these people."""
    made.recognise(*(("mail", "one", person, True) for person in people))


def known_since(made: World) -> Decision:
    return made.send(events.CustomerKnown, person="bob", since=at(OLD))


def of_old_account(made: World) -> Decision:
    """An account of before the recommendation turns out to be bob's."""
    mail(made, "bob", "old")
    return made.send(events.CustomerKnown, person="old", since=at(OLD))


def a_lead(made: World) -> Decision:
    """The friend signs up with a mail that an old customer has."""
    made.send(events.CustomerKnown, person="old", since=at(OLD))
    mail(made, "bob", "old")
    return made.send(events.LeadCreated, person="bob")


def an_order(made: World) -> Decision:
    """The friend orders again, with a mail that an old customer has."""
    made.send(events.CustomerKnown, person="old", since=at(OLD))
    mail(made, "bob", "old")
    return made.buy("bob", invoice="bob-2")


def the_old_accounts_order(made: World) -> Decision:
    """The old customer orders with the friend's mail."""
    made.send(events.CustomerKnown, person="old", since=at(OLD))
    mail(made, "bob", "old")
    return made.buy("old")


def a_merge(made: World) -> Decision:
    """The old customer and the friend are merged."""
    made.send(events.CustomerKnown, person="old", since=at(OLD))
    return made.send(events.PersonMerged, keep="bob", gone="old")


#: What shows that the friend was a customer before.
EXISTING = [known_since, of_old_account, a_lead, an_order, the_old_accounts_order, a_merge]


@pytest.mark.parametrize("show", EXISTING)
def test_a_friend_who_turns_out_to_be_an_old_customer_stops_what_is_open(show: Callable[[World], Decision]) -> None:
    """By whatever it is shown: both rewards wait for one case, none is approved, and no second event asks again."""
    made = earned()
    show(made)
    assert stopped(made) == [("existing_customer", ("advocate", "friend"))]
    assert {reward.amount for reward in made.rewards()} == {500, 1_000}
    made.tick(max(reward.hold_until for reward in made.rewards()))
    made.payee("ann")
    assert verdict(made.approve(made.rewards(side="advocate"))) == "case_open"
    [case] = made.cases(status="open")
    made.command(events.CaseDecided, case=case.id, outcome="cleared", reason="seen")
    assert verdict(made.approve(made.rewards(side="advocate"), member("otto", "owner"))) == "approved"
    show(made) if show is not a_merge else None
    assert stopped(made) == []


@pytest.mark.parametrize("show", EXISTING)
def test_confirmed_it_is_not_owed(show: Callable[[World], Decision]) -> None:
    """Who confirms the case rejects both."""
    made = earned()
    show(made)
    [case] = made.cases(status="open")
    made.command(events.CaseDecided, case=case.id, outcome="confirmed", reason="seen")
    assert {(reward.status, reward.amount) for reward in made.rewards()} == {("rejected", 0)}


@pytest.mark.parametrize("show", EXISTING)
def test_it_matters_where_new_customers_are_sought_and_before_they_are_paid(show: Callable[[World], Decision]) -> None:
    """A program for all customers stops nothing, nor does one that has paid; what a log of before decided it decides again."""
    made = earned(new_customers_only=False)
    show(made)
    assert stopped(made) == []
    before = earned(semantics.LATE_PROOFS - 1)
    show(before)
    assert stopped(before) == []
    paid = earned(hold="0d")
    for person in ("ann", "bob"):
        paid.payee(person)
        paid.paid(beneficiary=person)
    assert {reward.status for reward in paid.rewards()} == {"paid"}
    show(paid)
    assert stopped(paid) == []


@pytest.mark.parametrize("kind", sorted(persons.PROOF))
@pytest.mark.parametrize("who", ["ann", "bob"])
@pytest.mark.parametrize("how", ["enrolled", "lead", "order", "known"])
def test_an_advocate_who_turns_out_to_be_the_friend_stops_what_is_open(kind: str, who: str, how: str) -> None:
    """Whichever of the two says the mail or phone last, and with what: the rewards wait for a case about recommending oneself."""
    made = earned(new_customers_only=False)
    made.recognise(*((kind, "one", person, True) for person in ("ann", "bob")))
    if how == "enrolled":
        made.enrol(who, f"{who}-2")
    elif how == "lead":
        made.send(events.LeadCreated, person=who)
    elif how == "order":
        made.buy(who, invoice="later")
    else:
        made.send(events.CustomerKnown, person=who, since=made.now)
    assert stopped(made) == [("self_referral", ("advocate", "friend"))]


def test_a_sign_and_what_a_page_says_stop_nothing() -> None:
    """A card is shared by a household, and anybody could type a mail into a page."""
    made = earned(new_customers_only=False)
    made.recognise(*(("payment", "one", person, True) for person in ("ann", "bob")))
    made.recognise(*(("mail", "one", person, False) for person in ("ann", "bob")))
    made.send(events.LeadCreated, person="bob")
    assert stopped(made) == []


def test_a_mailbox_of_many_shows_nothing() -> None:
    """What a crowd has is a shop's own address."""
    made = earned()
    made.send(events.CustomerKnown, person="old", since=at(OLD))
    mail(made, "bob", "old", *(f"someone{number}" for number in range(persons.MOST_EQUALS)))
    made.send(events.LeadCreated, person="bob")
    assert stopped(made) == []


def test_what_lies_in_a_payout_leaves_it() -> None:
    """A list that waits for its release goes on without what is stopped."""
    made = earned(hold="0d")
    made.payee("ann")
    made.approved(beneficiary="ann")
    made.tick(made.reward(side="advocate").due_at or 0)
    [payout] = made.draft("ann")
    decision = known_since(made)
    assert ("event", "case_opened") in [each[:2] for each in said(decision)]
    assert made.payout(payout.id).status == "canceled"
    assert made.reward(side="advocate").payout is None


def test_an_orders_own_flag_is_not_asked_again() -> None:
    """An order that came with the proof waits for its own case; the next event opens none beside it."""
    made = world(conversion={"counts": {"months": 12}})
    tell(made, "02-01 lead bob code=ANN")
    made.send(events.CustomerKnown, person="bob", since=at(OLD))
    made.buy("bob")
    assert stopped(made) == [("existing_customer", ("advocate", "friend"))]
    known_since(made)
    assert len(made.cases()) == 1


def test_what_waits_for_another_case_waits_for_the_proof_too() -> None:
    """A chargeback ends by itself: whoever is shown to be an old customer meanwhile is looked at all the same."""
    made = earned()
    tell(made, "02-03 chargeback bob-1 opened")
    assert said(known_since(made)) == [("event", "recorded"), ("event", "case_opened")]
    tell(made, "02-04 chargeback bob-1 kept")
    assert stopped(made) == [("existing_customer", ("advocate", "friend"))]


def test_what_is_worth_something_again_is_stopped_by_what_came_meanwhile() -> None:
    """Nothing was owed when the proof came; the refund comes back, and a person is asked once, of all that rises."""
    made = earned()
    tell(made, "02-03 refund bob-1 100.00 r1")
    assert said(known_since(made)) == [("event", "recorded")]
    assert stopped(made) == []
    tell(made, "02-04 back bob-1 r1")
    assert stopped(made) == [("existing_customer", ("advocate", "friend"))]
    assert len(made.cases()) == 1


def test_a_proof_that_an_earlier_lead_outdates_asks_nobody() -> None:
    """An order lies before the lead that binds, and behind an earlier lead that is told last: it proves nothing any more."""
    made = world()
    tell(made, "02-07 lead bob code=ANN\n02-06 buy bob 100.00 EUR invoice=one")
    [referral] = made.state.all(Referral)
    assert [flag.code for flag in referral.proofs] == ["existing_customer"]
    tell(made, "02-05 lead bob code=ANN")
    [referral] = made.state.all(Referral)
    assert referral.proofs == ()
    assert made.cases() == []
