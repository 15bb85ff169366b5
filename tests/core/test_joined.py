"""Guest, then account: who orders under another name is joined with the friend they are, or a person is asked (case B06)."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import World, advocate, member, rules, verdict

from goodword.core import events, persons, semantics
from goodword.core.facts import Actor
from goodword.core.state import Customer, Kin, Referral

MONTHS: Any = {"rewards": [advocate(percent="10")], "conversion": {"counts": {"months": 12}}, "hold": "0d"}
JOIN = {"attribution": {"same_person": "join"}}


def same(made: World, kind: str, *people: str, text: str = "one") -> None:
    """A server says the same key of these people."""
    made.recognise(*((kind, text, person, True) for person in people))


def decide(made: World, outcome: str) -> list[tuple[str, int | None]]:
    """Decide the one claim; returns what it says."""
    [claim] = made.claims()
    decision = made.command(events.ClaimDecided, claim=claim.id, outcome=outcome, reason="told")
    return [(each.refusal or each.outcome, each.amount) for each in decision.verdicts]


def amounts(made: World) -> list[int]:
    """Return what was earned, in order of time."""
    return [reward.amount for reward in sorted(made.rewards(), key=lambda reward: reward.earned_at)]


@pytest.mark.parametrize("kind", sorted(persons.PROOF))
@pytest.mark.parametrize(("first", "second"), [("guest", "account"), ("account", "guest")])
def test_who_orders_under_another_name_is_joined(kind: str, first: str, second: str) -> None:
    """B06: with ``join`` the second order earns under the referral of the first, in the same entry, and the months go on."""
    made = world(**MONTHS, **JOIN)
    tell(made, f"01-05 buy {first} 50.00 EUR code=ANN invoice=o1 -> attributed to ann; ann 5.00 EUR")
    same(made, kind, first, second)
    tell(made, f"02-01 lead {second} -> refused no_touch")
    decision = made.buy(second, 5_000, "02-05", invoice="o2")
    assert [(each.outcome, each.amount) for each in decision.verdicts] == [("merged", None), ("earned", 500)]
    assert [step.code for step in decision.verdicts[0].steps] == ["joined", "merged"]
    assert decision.verdicts[0].steps[0].values == {"person": first, "key": kind}
    [referral] = made.state.all(Referral)
    assert [place.conversion for place in referral.qualified] == ["inv:o1"]
    assert {it.person: it.root for it in made.state.all(Kin)} == {first: first, second: first}
    tell(made, f"02-06 buy {second} 50.00 EUR invoice=o3 -> ann 5.00 EUR")
    tell(made, f"02-07 buy {first} 50.00 EUR invoice=o4 -> ann 5.00 EUR")
    tell(made, f"2025-01-05 buy {second} 50.00 EUR invoice=o5 -> refused recurring_ended")
    assert amounts(made) == [500] * 4


def test_what_the_other_name_bought_before_earns_too() -> None:
    """Orders since the lead under the other name, of before the mail was known, are decided with the one that joins."""
    made = world(**MONTHS, **JOIN)
    tell(made, "01-05 lead guest code=ANN\n01-06 buy account 50.00 EUR invoice=a1 -> refused not_referred")
    same(made, "mail", "guest", "account")
    decision = made.buy("account", 7_000, "01-07", invoice="a2")
    assert [(each.outcome, each.amount) for each in decision.verdicts] == [
        ("merged", None),
        ("earned", 500),
        ("earned", 700),
    ]


@pytest.mark.parametrize(("first", "second"), [("guest", "account"), ("account", "guest")])
def test_by_default_a_claim_asks_and_one_click_joins(first: str, second: str) -> None:
    """B06: a claim for the referral's advocates opens, with what shows it; won, the order earns 5.00. It is opened once."""
    made = world(**MONTHS)
    tell(made, f"01-05 buy {first} 50.00 EUR code=ANN invoice=o1 -> attributed to ann; ann 5.00 EUR")
    same(made, "mail", first, second)
    decision = made.buy(second, 5_000, "02-05", invoice="o2")
    assert verdict(decision) == "not_referred"
    [claim] = made.claims()
    [referral] = made.state.all(Referral)
    assert (claim.kind, claim.friend, claim.shares, claim.evidence) == (
        "same_person",
        second,
        referral.shares,
        (referral.id,),
    )
    shown = [(step.code, step.values) for step in decision.verdicts[0].steps]
    assert shown == [("equal", {"person": first, "key": "mail"}), ("claim", {"claim": claim.id})]
    tell(made, f"02-06 buy {second} 50.00 EUR invoice=o3 -> refused not_referred")
    assert decide(made, "won") == [("won", None), ("earned", 500), ("earned", 500)]
    assert [it.status for it in made.claims()] == ["won"]
    assert len(list(made.state.all(Referral))) == 1
    tell(made, f"02-07 buy {second} 50.00 EUR invoice=o4 -> ann 5.00 EUR")
    assert amounts(made) == [500] * 4
    assert verdict(made.command(events.ClaimAppealed, claim=claim.id, reason="told")) == "appealed"


def test_a_lost_claim_leaves_all_as_it_is() -> None:
    """Who is somebody else stays so: nothing is joined, nobody is asked again, but the decision can be appealed."""
    made = world(**MONTHS)
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    assert decide(made, "lost") == [("lost", None)]
    tell(made, "02-06 buy account 50.00 EUR invoice=o3 -> refused not_referred")
    [claim] = made.claims()
    assert (claim.status, amounts(made), list(made.state.all(Kin))) == ("lost", [500], [])
    assert verdict(made.command(events.ClaimAppealed, claim=claim.id, reason="told")) == "appealed"
    made.command(events.ClaimDecided, member("eve"), claim=claim.id, outcome="won", reason="told")
    assert amounts(made) == [500] * 3


def won(number: int = semantics.CURRENT, **parts: Any) -> tuple[World, str]:
    """An account's order earned because a member said that it is the guest's, who is bound; the claim."""
    made = world(**MONTHS, **parts)
    made.semantics = number
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    [claim] = made.claims()
    assert again(made, claim.id, "won", member("dan")) == [("won", None), ("earned", 500)]
    return made, claim.id


def again(made: World, id_: str, outcome: str, by: Actor) -> list[tuple[str, int | None]]:
    """A member decides the claim, or its appeal."""
    decision = made.command(events.ClaimDecided, by, claim=id_, outcome=outcome, reason="told")
    return [(each.refusal or each.outcome, each.amount) for each in decision.verdicts]


def test_a_won_claim_is_appealed_as_any_other() -> None:
    """Once and in its time; until it is decided, by another member, what the joining earned is contested, and nothing else is."""
    made, id_ = won()
    made.payee("ann")
    assert verdict(made.command(events.ClaimAppealed, claim=id_, reason="told")) == "appealed"
    joined, own = made.reward(conversion="inv:o2"), made.reward(conversion="inv:o1")
    assert verdict(made.approve([joined], member("max"))) == "contested"
    assert verdict(made.approve([own], member("max"))) == "approved"
    assert again(made, id_, "lost", member("dan")) == [("own_work", None)]
    assert again(made, id_, "lost", member("eve")) == [("lost", None), ("taken_back", 0)]
    assert sorted(amounts(made)) == [0, 500]
    assert verdict(made.command(events.ClaimAppealed, claim=id_, reason="told")) == "appeal_over"


def test_an_appeal_that_confirms_that_two_are_one_changes_nothing() -> None:
    """What was earned stays, and goes on."""
    made, id_ = won()
    made.payee("ann")
    made.command(events.ClaimAppealed, claim=id_, reason="told")
    assert again(made, id_, "won", member("eve")) == [("won", None)]
    assert amounts(made) == [500, 500]
    assert verdict(made.approve(made.rewards(conversion="inv:o2"), member("max"))) == "approved"


@pytest.mark.parametrize(("policy", "keeps", "owed"), [("bear", 500, 0), ("net", 0, 500), ("ask_back", 0, 500)])
def test_what_was_paid_is_borne_netted_or_asked_back(policy: str, keeps: int, owed: int) -> None:
    """As the rules say of any claim; the joined account stays joined, because a merge has no way back."""
    made, id_ = won(claims={"lost_after_payment": policy, "appeal_within": "365d"})
    made.payee("ann")
    made.paid(conversion="inv:o2")
    tell(made, "05-01 buy account 50.00 EUR invoice=o3")
    made.command(events.ClaimAppealed, claim=id_, reason="told")
    assert again(made, id_, "lost", member("eve")) == [("lost", None), ("taken_back", keeps)]
    reward = made.reward(conversion="inv:o2")
    assert (reward.amount, reward.receivable) == (keeps, owed)
    assert list(made.state.all(Kin)) != []


def test_it_was_not_appealed_before() -> None:
    """A log of an earlier behaviour is decided as it was: there was no way back."""
    made, id_ = won(semantics.SAME_PERSON_IS_APPEALED - 1)
    assert verdict(made.command(events.ClaimAppealed, claim=id_, reason="told")) == "wrong_state"


def test_a_merge_before_the_decision_leaves_nothing_to_join() -> None:
    """Somebody said meanwhile that the two are one: the claim that is won then moves nothing."""
    made = world(**MONTHS)
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    made.send(events.PersonMerged, keep="account", gone="guest")
    assert amounts(made) == [500, 500]
    assert decide(made, "won") == [("won", None)]
    assert amounts(made) == [500, 500]


@pytest.mark.parametrize("attribution", ["claim", "join"])
def test_nobody_is_joined_with_whom_they_would_earn_by(attribution: str) -> None:
    """The advocate orders and has the friend's mail, or is the advocate themselves: no claim, no join, nothing earned."""
    made = world(**MONTHS, attribution={"same_person": attribution})
    tell(made, "01-05 lead bob code=ANN")
    same(made, "mail", "bob", "ann")
    same(made, "mail", "ann", "anna", text="two")
    same(made, "phone", "bob", "anna")
    tell(made, "02-05 buy ann 50.00 EUR invoice=o2 -> refused not_referred")
    tell(made, "02-06 buy anna 50.00 EUR invoice=o3 -> refused not_referred")
    tell(made, "02-07 buy bob 50.00 EUR invoice=o4 -> refused self_referral")
    assert (made.claims(), made.rewards(), list(made.state.all(Kin))) == ([], [], [])


@pytest.mark.parametrize("kind", ["device", "domain", "payment"])
def test_a_sign_joins_nobody(kind: str) -> None:
    """A card, a device or a domain is a household's: another member of it orders for themselves."""
    made = world(**MONTHS, **JOIN)
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, kind, "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2 -> refused not_referred")
    assert (made.claims(), list(made.state.all(Kin))) == ([], [])


@pytest.mark.parametrize(("others", "joined"), [(19, True), (20, False)])
def test_a_crowd_is_nobody(others: int, joined: bool) -> None:
    """What more than twenty others have is a shop's own address: it shows nothing."""
    made = world(**MONTHS, **JOIN)
    tell(made, "01-05 buy zoe 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "zoe", "account", *(f"x{number:02d}" for number in range(others)))
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    assert (len(made.rewards()) == 2) == joined
    assert made.claims() == []


def test_of_two_friends_who_are_equal_a_person_chooses() -> None:
    """Two bound friends have the mail: it is not for a rule to say which of them it is; the earlier lead is asked about."""
    made = world(**MONTHS, **JOIN)
    tell(made, "01-05 lead bob code=ANN\n01-04 lead cid code=AMY")
    same(made, "mail", "bob", "cid", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2 -> refused not_referred")
    [claim] = made.claims()
    assert [share.person for share in claim.shares] == ["amy"]


def test_the_rules_of_the_referral_say_what_follows() -> None:
    """A version that joins concerns whom it binds: those of before go on to be asked about."""
    made = world(**MONTHS)
    tell(made, "01-05 lead bob code=ANN\n01-05 lead cid code=ANN")
    made.publish(rules(**MONTHS, **JOIN))
    tell(made, "01-06 lead dan code=ANN")
    same(made, "mail", "bob", "b2", text="b")
    same(made, "mail", "dan", "d2", text="d")
    tell(made, "02-05 buy b2 50.00 EUR invoice=o2 -> refused not_referred\n02-05 buy d2 50.00 EUR invoice=o3")
    assert [claim.friend for claim in made.claims()] == ["b2"]
    assert [reward.friend for reward in made.rewards()] == ["dan"]


def test_a_code_of_somebody_else_binds_as_before() -> None:
    """Who comes with a code, and whom no order of theirs made a customer yet, is bound by it; one who bought orders as who they are."""
    made = world(**MONTHS, **JOIN)
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    decision = made.buy("account", 5_000, "02-05", invoice="o2", code="AMY")
    assert [each.refusal or each.outcome for each in decision.verdicts] == ["existing_customer", "merged", "earned"]
    assert {reward.beneficiary for reward in made.rewards()} == {"ann"}


def test_the_first_behaviour_joins_nobody() -> None:
    """What was decided before stays so, whatever the rules say."""
    made = World()
    made.semantics = 1
    made.publish(rules(**MONTHS, **JOIN))
    made.enrol("ann")
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2 -> refused not_referred")
    assert (made.claims(), made.state.get(Customer, "account").referrals) == ([], ())  # type: ignore[union-attr]


def test_who_joins_by_a_claim_approves_nothing_of_it() -> None:
    """Two people are two: what the order earns because of the decision is somebody else's to approve."""
    made = world(**MONTHS)
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    decide(made, "won")
    made.payee("ann")
    [new] = made.rewards(conversion="inv:o2")
    assert verdict(made.approve([new])) == "own_work"
    assert verdict(made.approve([new], member("eve", "approver"))) == "approved"


def test_who_sees_one_program_joins_nobody() -> None:
    """Joining moves what the two have in every program: a member of one cannot say it, but may say that they are not one."""
    made = world(**MONTHS)
    made.publish(rules(program="other"))
    tell(made, "01-05 buy guest 50.00 EUR code=ANN invoice=o1")
    same(made, "mail", "guest", "account")
    tell(made, "02-05 buy account 50.00 EUR invoice=o2")
    [claim] = made.claims()
    limited = Actor(id="lia", kind="member", roles=("owner",), programs=(made.program(),))
    fields = {"claim": claim.id, "reason": "told"}
    assert verdict(made.command(events.ClaimDecided, limited, outcome="won", **fields)) == "outside_scope"
    assert verdict(made.command(events.ClaimDecided, limited, outcome="lost", **fields)) == "lost"
