"""Who a person is: what proves it refuses, what is a sign is looked at, and one person under two names is one."""

from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.world import World, friend, rules
from testkit.world import advocate as earns

from goodword.core import events, persons
from goodword.core.state import Referral

SIGNS = ("device", "domain", "payment")


def same(made: World, kind: str, *people: str, text: str = "one") -> None:
    """A server says the same key of these people."""
    made.recognise(*((kind, text, person, True) for person in people))


def flags(made: World) -> set[str]:
    """The codes of the flags of all cases."""
    return {flag.code for case in made.cases() for flag in case.flags}


def outcome(made: World) -> list[str]:
    """The refusals or else outcomes of the last decision."""
    return [verdict.refusal or verdict.outcome for verdict in made.log[-1][2].verdicts]


# --- recommending oneself ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(persons.PROOF))
@pytest.mark.parametrize("crowd", [0, 25, 200])
def test_the_persons_of_a_referral_are_compared_by_name(kind: str, crowd: int) -> None:
    """However many others have the same mail or phone, an advocate who is the friend is found (finding 15)."""
    made = world()
    same(made, kind, *(f"aa{number:03d}" for number in range(crowd)), "bob", "zoe", text="crowd")
    made.enrol("zoe")
    tell(made, "02-01 lead bob code=ZOE -> refused self_referral")
    tell(made, "02-02 lead bea code=ZOE -> attributed to zoe")
    same(made, kind, *(f"aa{number:03d}" for number in range(crowd)), "bea", "zoe", text="other")
    tell(made, "02-03 buy bea 100.00 EUR -> refused self_referral")


@pytest.mark.parametrize("kind", SIGNS)
def test_a_card_a_device_a_domain_flag_and_never_refuse(kind: str) -> None:
    """What households and colleagues share binds as any other, earns, and waits for a person to look (finding E6)."""
    made = world()
    same(made, kind, "bob", "ann")
    tell(made, "02-01 lead bob code=ANN -> attributed to ann\n 02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR")
    assert flags(made) == {"company_domain" if kind == "domain" else "self_referral"}


@pytest.mark.parametrize("kind", sorted(persons.PROOF))
def test_a_claim_pays_nobody_for_themselves(kind: str) -> None:
    """Where a claim is entered the decider is shown that friend and advocate are one; it cannot be won (finding 14)."""
    made = world()
    same(made, kind, "bob", "ann")
    fields = {"program": made.program(), "person": "bob", "advocates": (("ann", 1, 1),), "lead_at": made.now}
    entered = made.command(events.ClaimEntered, reason="told", **fields)
    assert ("same_person", {"key": kind}) in [(step.code, step.values) for step in entered.verdicts[0].steps]
    [claim] = made.claims()
    made.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="told")
    assert outcome(made) == ["self_referral"]
    assert [c.status for c in made.claims()] == ["open"]
    assert list(made.state.all(Referral)) == []


# --- one person under two names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(persons.PROOF))
def test_a_customer_under_a_new_name_is_no_new_one(kind: str) -> None:
    """An equal verified mail or phone makes an existing customer by itself; both friends of case B07 are refused (B07, E5)."""
    made = world(rewards=[earns(flat={"EUR": 2_500}), friend(flat={"EUR": 1_000})])
    same(made, kind, "carl", "guest2", "guest3")
    same(made, "payment", "guest2", "guest3", text="card")
    tell(
        made,
        """
        01-02 buy carl 50.00 EUR
        02-05 buy guest2 50.00 EUR code=ANN -> refused existing_customer
        02-06 buy guest3 50.00 EUR code=AMY -> refused existing_customer
        """,
    )
    assert made.rewards() == []


@pytest.mark.parametrize("kind", SIGNS)
def test_what_is_a_sign_makes_nobody_an_existing_customer(kind: str) -> None:
    """The family of a customer are new customers."""
    made = world()
    same(made, kind, "carl", "bob")
    tell(
        made,
        "01-02 buy carl 50.00 EUR\n 02-05 buy bob 50.00 EUR code=ANN -> attributed to ann; bob 5.00 EUR; ann 5.00 EUR",
    )


def test_a_welcome_is_given_once_to_one_person() -> None:
    """Two names of one person, both bound before either bought: the first order earns, the second is the same friend."""
    made = world()
    tell(made, "02-01 lead bob code=ANN -> attributed to ann\n 02-01 lead rob code=AMY -> attributed to amy")
    same(made, "mail", "bob", "rob")
    tell(
        made,
        "02-02 buy bob 100.00 EUR -> bob 5.00 EUR; ann 10.00 EUR\n 02-03 buy rob 100.00 EUR -> refused duplicate_friend",
    )
    assert [step.code for step in made.log[-1][2].verdicts[-1].steps][1:] == ["equal", "first"]


def test_who_is_equal_in_another_program_is_welcomed_there() -> None:
    """A place is one program's: elsewhere the same person may come once, too."""
    made = world(new_customers_only=False, shares_customers=True)
    made.publish(rules(program="other", new_customers_only=False, shares_customers=True))
    tell(made, "01-01 enrol abe to=other\n 02-01 lead bob code=ANN\n 02-02 buy bob 100.00 EUR")
    same(made, "mail", "bob", "rob")
    tell(made, "02-03 lead rob code=ABE\n 02-04 buy rob 100.00 EUR")
    assert {reward.beneficiary for reward in made.rewards(side="advocate")} == {"ann", "abe"}


# --- what is looked at ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "flagged"), [(20, False), (21, True), (300, True)])
def test_a_key_of_many_is_flagged(others: int, flagged: bool) -> None:
    """More than twenty others with the friend's mail are more than one person's accounts (finding 15)."""
    made = world(new_customers_only=False)
    same(made, "mail", "bob", *(f"x{number:03d}" for number in range(others)))
    tell(made, "02-01 lead bob code=ANN\n 02-02 buy bob 100.00 EUR")
    assert ("shared_key" in flags(made)) == flagged


def test_two_who_recommend_one_another_are_flagged() -> None:
    """Ann brought bob, and bob brings ann (finding E5)."""
    made = world()
    made.enrol("bob")
    tell(made, "02-01 lead bob code=ANN\n 02-02 buy bob 100.00 EUR")
    assert flags(made) == set()
    tell(made, "02-03 lead ann code=BOB -> attributed to bob\n 02-04 buy ann 100.00 EUR")
    assert flags(made) == {"reciprocal"}


@pytest.mark.parametrize("whose", ["friend", "advocate", "order"])
def test_an_address_for_minutes_is_flagged(whose: str) -> None:
    """Whichever side has it, and whatever said it (finding E5)."""
    made = world()
    made.enrol("zoe", disposable=whose == "advocate")
    made.lead("bob", "02-01", code="ZOE", disposable=whose == "friend")
    made.buy("bob", when="02-02", disposable=whose == "order")
    assert flags(made) == {"disposable_mail"}


def test_what_a_page_says_of_an_address_is_no_sign() -> None:
    """A page could say anybody's: nothing of the customer changes."""
    made = world()
    made.lead("bob", "02-01", code="ANN", disposable=True, unverified=True)
    tell(made, "02-01 lead bob code=ANN\n 02-02 buy bob 100.00 EUR")
    assert flags(made) == set()


# --- names and codes --------------------------------------------------------------------------------------------------


def test_a_code_that_looks_like_a_living_one_is_taken() -> None:
    """Whoever enrols the homoglyph of somebody's code is refused, as long as that code serves them (finding 31i)."""
    made = world()
    made.send(events.AdvocateEnrolled, person="eve", code="cyrillic", like="ANN")
    assert outcome(made) == ["code_taken"]
    made.send(events.AdvocateEnrolled, person="ann", code="cyrillic", like="ANN")
    assert outcome(made) == ["enrolled"]
    tell(made, "02-01 left amy")
    made.send(events.AdvocateEnrolled, person="eve", code="other", like="AMY")
    assert outcome(made) == ["enrolled"]


def test_no_two_people_have_codes_that_look_alike() -> None:
    """The first has all that look like theirs, also the look itself; who has it may have another one that looks so."""
    made = world()
    made.send(events.AdvocateEnrolled, person="joe", code="john", look="j0hn")
    assert outcome(made) == ["enrolled"]
    for person, code, look in (("eve", "JOHN", "j0hn"), ("eve", "j0hn", None)):
        made.send(events.AdvocateEnrolled, person=person, code=code, look=look)
        assert outcome(made) == ["code_taken"]
    made.send(events.AdvocateEnrolled, person="joe", code="j0hn")
    assert outcome(made) == ["enrolled"]
    made.send(events.AdvocateEnrolled, person="eve", code="JOHN", look="j0hn")
    assert outcome(made) == ["code_taken"]
    made.send(events.AdvocateEnrolled, person="eve", code="annl", look="ANN")
    assert outcome(made) == ["code_taken"], "the look of it is a code that somebody has"


# --- before -----------------------------------------------------------------------------------------------------------


def told(story: str, **more: Any) -> World:
    """A story under the first behaviour."""
    made = World()
    made.semantics = 1
    made.publish(**more)
    made.enrol("ann")
    made.enrol("amy")
    same(made, "device", "bob", "ann")
    same(made, "mail", "carl", "rob")
    tell(made, story)
    return made


def test_what_was_decided_before_stays_so() -> None:
    """Under the first behaviour a device refused and an equal mail of two customers was nothing."""
    told("02-01 lead bob code=ANN -> refused self_referral")
    told(
        "01-02 buy carl 5.00 EUR\n 02-01 buy rob 100.00 EUR code=ANN -> attributed to ann; rob 5.00 EUR; ann 10.00 EUR"
    )
