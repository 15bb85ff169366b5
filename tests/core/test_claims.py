"""Claims: somebody says that an advocate brought a friend, and a person decides."""

from typing import Any

import pytest
from testkit.stories import tell, with_another_program, world
from testkit.world import OWNER, RAIL, World, advocate, at, member, said, verdict
from tests.core.test_reviews import MAX, MIA

from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.state import Referral

#: Who enters claims: who enters one does not decide it.
SUE = member("sue", "support")


def claim(made: World, *shares: tuple[str, int, int], actor: Actor = SUE, person: str = "bob", **more: Any) -> Decision:
    fields = {"program": made.program(), "lead_at": made.now, "reason": "mail", **more}
    return made.command(events.ClaimEntered, actor, person=person, advocates=shares, **fields)


def decided(made: World, outcome: str, actor: Actor = OWNER) -> Decision:
    (found,) = made.claims(status="open")
    return made.command(events.ClaimDecided, actor, claim=found.id, outcome=outcome, reason="seen")


def test_a_claim_that_is_won_binds_and_decides_again() -> None:
    """Conversions since the lead of the claim are decided; nobody who touched the claim approves what it earns."""
    made = world(hold="0d", rewards=[advocate(percent="10")])
    tell(made, "02-01 buy bob 100.00 EUR -> refused not_referred")
    assert said(claim(made, ("ann", 1, 1), actor=MIA)) == [("command", "claim_opened")]
    assert said(decided(made, "won", MAX)) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("reward", "earned", "advocate", 1_000),
    ]
    made.payee("ann")
    assert verdict(made.approve(made.rewards(), MIA)) == "own_work"
    assert verdict(made.approve(made.rewards(), MAX)) == "own_work"
    assert verdict(made.approve(made.rewards(), OWNER)) == "approved"


@pytest.mark.parametrize("outcome", ["lost", "withdrawn"])
def test_a_claim_that_is_not_won_changes_nothing(outcome: str) -> None:
    """It is closed, once."""
    made = world()
    claim(made, ("ann", 1, 1))
    (found,) = made.claims()
    told = [("attribution", "not_theirs")] if outcome == "lost" else []
    assert said(decided(made, outcome)) == [("command", outcome), *told]
    again = made.command(events.ClaimDecided, claim=found.id, outcome="won", reason="x")
    assert verdict(again) == "wrong_state"
    assert list(made.state.all(Referral)) == []


def test_a_claim_that_is_won_moves_what_was_not_sent() -> None:
    """The old referral is void, its unsent rewards are reversed, the conversion earns for the new advocate; others are lost."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    first = made.claims()[0]
    contested = claim(made, ("ann", 1, 2), ("amy", 1, 2), lead_at=at("02-01"))
    assert contested.verdicts[0].steps[0].values["contested_by"] == [first.id]
    made.command(events.ClaimDecided, claim=first.id, outcome="won", reason="seen")
    assert sorted((r.beneficiary, r.status, r.amount) for r in made.rewards()) == [
        ("amy", "pending", 1_000),
        ("ann", "reversed", 0),
    ]
    assert sorted(referral.status for referral in made.state.all(Referral)) == ["converted", "void"]
    assert sorted(found.status for found in made.claims()) == ["lost", "won"]


def test_a_claim_leaves_what_was_sent() -> None:
    """What was paid stays with whom it was paid to, which the company bears unless its rules say otherwise; the other earns anew."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.paid()
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    assert said(decided(made, "won")) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "moved", "advocate", 1_000),
        ("reward", "earned", "advocate", 1_000),
    ]
    assert sorted((r.beneficiary, r.status) for r in made.rewards()) == [("amy", "in_review"), ("ann", "paid")]
    tell(made, "12-01 refund bob-1 100.00 -> applied; ann now 0.00 EUR; amy now 0.00 EUR")


def test_a_claim_leaves_what_was_sent_in_part() -> None:
    """Of a reward whose payout failed a part may be netted for good: that stays with whom it was for, the rest moves."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bea code=ANN\n02-02 buy bea 40.00 EUR")
    made.paid()
    tell(made, "04-01 refund bea-1 40.00\n04-02 lead bob code=ANN\n04-03 buy bob 100.00 EUR")
    (payout,) = made.paid(friend="bob", until="processing")
    made.answer(payout, "failed", RAIL)
    before = made.reward(friend="bob")
    assert (before.status, before.amount, before.sent, before.unsent) == ("approved", 1_000, 400, 600)
    claim(made, ("amy", 1, 1), lead_at=at("04-02"))
    decision = decided(made, "won")
    assert said(decision) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "moved", "advocate", 400),
        ("reward", "earned", "advocate", 1_000),
    ]
    kept = made.reward(friend="bob", beneficiary="ann")
    assert (kept.status, kept.amount, kept.unsent) == ("approved", 400, 0)
    assert made.balances().get(("payable", "ann")) is None


def of_two_programs(**other: Any) -> World:
    made = with_another_program(world(rewards=[advocate(percent="10")]), **other)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    return made


@pytest.mark.parametrize("shares", [False, True])
def test_a_claim_of_another_program_moves_the_customer(shares: bool) -> None:
    """One customer is bound once: what the first program owed is reversed, unless the claim's program shares its customers."""
    made = of_two_programs(shares_customers=shares)
    claim(made, ("abe", 1, 1), program=made.program("other"), lead_at=at("02-01"))
    decided(made, "won")
    assert [(r.beneficiary, r.amount, r.status) for r in made.rewards() if r.beneficiary == "abe"] == [
        ("abe", 300, "pending")
    ]
    (first,) = (r for r in made.rewards() if r.beneficiary == "ann")
    assert (first.amount, first.status) == ((1_000, "pending") if shares else (0, "reversed"))
    assert sorted(r.status for r in made.state.all(Referral)) == (
        ["converted"] * 2 if shares else ["converted", "void"]
    )


def test_a_claim_of_another_program_leaves_what_was_sent() -> None:
    """What the first program paid stays paid, and the rightful one earns by the rules of the other."""
    made = of_two_programs()
    made.paid()
    claim(made, ("abe", 1, 1), program=made.program("other"), lead_at=at("02-01"))
    assert said(decided(made, "won")) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "moved", "advocate", 1_000),
        ("reward", "earned", "advocate", 300),
    ]
    assert sorted((r.beneficiary, r.status) for r in made.rewards()) == [("abe", "in_review"), ("ann", "paid")]


def test_a_claim_after_the_friend_was_paid() -> None:
    """The friend keeps what was paid and earns no second time; the new advocate earns."""
    made = world()
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.paid(beneficiary="bob")
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    assert said(decided(made, "won")) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "moved", "advocate", 0),
        ("reward", "earned", "advocate", 1_000),
    ]
    assert sorted((r.beneficiary, r.status) for r in made.rewards()) == [
        ("amy", "in_review"),
        ("ann", "reversed"),
        ("bob", "paid"),
    ]


def test_a_claim_over_a_rejected_reward() -> None:
    """What was rejected for the wrong advocate can be earned by the right one."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.command(events.RewardsRejected, items=made.items(made.rewards()), reason="not hers")
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    assert said(decided(made, "won")) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "earned", "advocate", 1_000),
    ]


def test_what_a_new_referral_earns_waits_for_an_old_chargeback() -> None:
    """A claim does not lead around an open chargeback: its case takes in the new rewards."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR\n02-03 chargeback bob-1 opened")
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    decided(made, "won")
    (case,) = made.cases(status="open")
    assert made.reward(beneficiary="amy").cases == (case.id,)


def test_claims_that_make_no_sense() -> None:
    """Shares that do not sum to one, unknown advocates, twice the same, oneself, no program, before the first rules."""
    made = world()
    assert verdict(claim(made, ("ann", 1, 2))) == "nothing_to_do"
    assert verdict(claim(made, ("ann", 1, 2), ("ann", 1, 2))) == "nothing_to_do"
    assert verdict(claim(made, ("ann", 3, 2), ("amy", -1, 2))) == "nothing_to_do"
    assert verdict(claim(made, ("zoe", 1, 1))) == "not_found"
    assert verdict(claim(made, ("ann", 1, 1), person="ann")) == "self_referral"
    assert verdict(claim(made, ("ann", 1, 1), program=None)) == "unknown_program"
    assert verdict(claim(made, ("ann", 1, 1), lead_at=at("2023-12-31"))) == "program_not_active"
    assert verdict(claim(made, ("ann", 1, 1), lead_at=made.now + 1)) == "in_future"


def test_nobody_wins_a_claim_for_who_turned_out_to_be_their_friend() -> None:
    """Friend and claimant are merged while the claim is open: won, it is refused, and it is still lost; nothing was earned by it."""
    made = world(rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    claim(made, ("amy", 1, 1), lead_at=at("02-01"))
    made.send(events.PersonMerged, keep="amy", gone="bob")
    assert verdict(decided(made, "won")) == "self_referral"
    assert verdict(decided(made, "lost")) == "lost"
    assert not [reward for reward in made.rewards() if reward.beneficiary == "amy"]
