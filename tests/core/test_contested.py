"""Contested means stopped: while somebody is still to decide about a reward, nothing of it is approved, sent or lost."""

from typing import Any

import pytest
from testkit.stories import earning, tell, with_another_program, world
from testkit.world import OWNER, World, advocate, at, member, verdict
from tests.core.test_claims import claim

from goodword.core import events, lists

#: Decides what SUE entered.
DAN = member("dan")
EVIDENCE = ("tch_seen",)


def bought(**parts: Any) -> World:
    """Ann is to earn ten euros by bob, and bob five; the hold is over and everybody's details are known."""
    made = world(**parts)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.tick("03-10")
    for person in ("ann", "amy", "bob"):
        made.payee(person)
    return made


def for_amy(made: World, **more: Any) -> str:
    """A claim that amy brought bob, with evidence; its id."""
    fields = {"lead_at": at("02-01"), "evidence": EVIDENCE, **more}
    return claim(made, ("amy", 1, 1), **fields).verdicts[0].subject or ""


def decide(made: World, id_: str, outcome: str, actor: Any = DAN) -> str:
    return verdict(made.command(events.ClaimDecided, actor, claim=id_, outcome=outcome, reason="seen"))


def opened(made: World, way: str) -> None:
    """A claim that would have bob's order earn for somebody else, in one of its ways."""
    if way == "entered":
        for_amy(made)
    elif way == "later_lead":
        tell(made, "03-11 lead bob code=AMY when=02-01T12:00")
    elif way == "late_touch":
        made.click("AMY", "v1", "02-01T00:00")
    else:
        tell(made, "03-11 lead bob code=ABE to=other")
    assert [found.kind for found in made.claims()] == [way]


@pytest.mark.parametrize("way", ["entered", "later_lead", "late_touch", "other_program"])
def test_a_contested_reward_is_not_approved(way: str) -> None:
    """end-to-end 1: however a claim opens, what it would move is not approved until it is decided; what nobody contests is."""
    made = with_another_program(world())
    tell(made, "01-31 click ANN v1\n02-01T01:00 lead bob v1\n02-02 buy bob 100.00 EUR")
    made.tick("03-10")
    for person in ("ann", "bob"):
        made.payee(person)
    opened(made, way)
    hers, his = made.reward(side="advocate"), made.reward(side="friend")
    assert verdict(made.approve([hers])) == "contested"
    assert verdict(made.approve([his])) == ("contested" if way == "other_program" else "approved")
    (found,) = made.claims()
    assert decide(made, found.id, "lost") == "lost"
    assert verdict(made.approve([hers])) == "approved"


def test_a_second_approval_is_stopped_too() -> None:
    """The claim comes between the first approval and the second."""
    made = bought(review={"two_people_over": {"EUR": 0}})
    hers = made.reward(side="advocate")
    assert verdict(made.approve([hers])) == "second_person_needed"
    for_amy(made)
    assert verdict(made.approve([hers], member("max"))) == "contested"


def test_a_request_stops_nothing_until_somebody_takes_it_up() -> None:
    """A claim without evidence is a request: it holds nobody up until staff take it up."""
    made = bought()
    id_ = for_amy(made, evidence=())
    hers = made.reward(side="advocate")
    assert verdict(made.approve([hers])) == "approved"
    made = bought()
    id_ = for_amy(made, evidence=())
    assert verdict(made.command(events.ClaimTaken, DAN, claim=id_)) == "claim_taken"
    assert verdict(made.command(events.ClaimTaken, DAN, claim=id_)) == "wrong_state"
    assert verdict(made.command(events.ClaimTaken, DAN, claim="clm_x")) == "not_found"
    assert verdict(made.approve([made.reward(side="advocate")])) == "contested"


def test_a_request_stops_after_two_working_days() -> None:
    """Entered on a Friday it stops on the Tuesday behind it, at the same time of day."""
    made = bought()
    made.tick("2024-03-15T10:00")
    for_amy(made, evidence=())
    made.tick("2024-03-19T09:59")
    assert made.claims()[0].stops_at is None
    made.tick("2024-03-19T10:00")
    assert made.claims()[0].stops_at == at("2024-03-19T10:00")
    assert verdict(made.approve([made.reward(side="advocate")])) == "contested"


def test_what_a_claim_cannot_move_goes_on() -> None:
    """A claim for the same people, or of a program that shares its customers, changes nothing of this order."""
    made = bought()
    claim(made, ("ann", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE)
    assert verdict(made.approve([made.reward(side="advocate")])) == "approved"
    shared = with_another_program(bought(), shares_customers=True)
    claim(shared, ("abe", 1, 1), program=shared.program("other"), lead_at=shared.now, evidence=EVIDENCE)
    assert verdict(shared.approve([shared.reward(side="advocate")])) == "approved"


def due() -> World:
    """Twenty and ten euros of ann's are approved and due, by f0 and by f1."""
    made = earning(2_000, 1_000, hold="0d")
    made.approved()
    made.enrol("amy", "AMY2")
    made.tick(max(reward.due_at or 0 for reward in made.rewards()))
    return made


def contest(made: World, friend: str = "f1") -> str:
    lead_at = made.reward(friend=friend).earned_at
    said = claim(made, ("amy", 1, 1), person=friend, lead_at=lead_at, evidence=EVIDENCE)
    return said.verdicts[0].subject or ""


def test_a_payout_goes_on_without_what_is_contested() -> None:
    """end-to-end 1: what was drafted gets smaller, its first release is void, and the next draft leaves out what is contested."""
    made = due()
    (payout,) = made.draft("ann")
    before = made.items([payout])
    id_ = contest(made)
    made.tick(made.now)
    assert made.payout(payout.id).amount == 2_000
    assert verdict(made.release([payout], items=before)) == "item_changed"
    assert verdict(made.release([made.payout(payout.id)])) == "released"
    assert made.draft("ann") == []
    assert decide(made, id_, "lost") == "lost"
    assert [rest.amount for rest in made.draft("ann")] == [1_000]


def test_a_payout_of_nothing_else_is_canceled() -> None:
    """Only where nothing is left."""
    made = due()
    (payout,) = made.draft("ann")
    contest(made, "f0")
    contest(made, "f1")
    made.tick(made.now)
    assert made.payout(payout.id).status == "canceled"
    assert made.draft("ann") == []


def test_a_release_between_the_claim_and_its_timer() -> None:
    """The reward is refused from the very moment of the claim, before anything was taken out of the payout."""
    made = due()
    (payout,) = made.draft("ann")
    contest(made)
    items = made.items([made.payout(payout.id)])
    event = events.PayoutReleased(
        evt=made.evt(),
        source="person",
        occurred_at=made.now,
        accepted_at=made.now,
        items=items,
        list_sha256=lists.digest(items),
    )
    assert verdict(made.step(event, made.facts(event, OWNER))) == "contested"


@pytest.mark.parametrize("what", ["claim", "chargeback"])
def test_what_is_contested_between_release_and_call_is_not_handed_over(what: str) -> None:
    """hostile-review 31d: a claim or chargeback that comes before the rail is called takes its reward out: the rail gets the rest."""
    made = due()
    (payout,) = made.draft("ann")
    made.release([payout])
    if what == "claim":
        contest(made)
    else:
        made.send(events.ChargebackOpened, invoice="f1-1", chargeback="cb")
    made.answer(payout, "processing")
    now = made.payout(payout.id)
    assert (now.status, now.amount, [part.sent for part in now.parts]) == ("processing", 2_000, [2_000])
    left = made.reward(friend="f1")
    assert (left.status, left.sent, left.payout) == ("approved", 0, None)
    made.answer(payout, "sent")
    made.answer(payout, "completed")
    assert made.balances() == {("payable", "ann"): 1_000, ("settled", "bank_file"): 2_000}


def test_nothing_is_handed_over_if_all_is_contested() -> None:
    """The payout is canceled instead, and its rewards stay approved."""
    made = due()
    (payout,) = made.draft("ann")
    made.release([payout])
    contest(made, "f0")
    contest(made, "f1")
    made.answer(payout, "processing")
    assert made.payout(payout.id).status == "canceled"
    assert {reward.status for reward in made.rewards()} == {"approved"}


def test_a_debt_is_netted_by_what_is_left() -> None:
    """What the contested reward would have netted is netted by the others in the payout."""
    made = earning(500, 1_000, 2_000, hold="0d")
    made.enrol("amy", "AMY2")
    made.paid(friend="f0")
    made.refund("f0-1", 500)
    made.approved(friend="f1")
    made.approved(friend="f2")
    made.tick("2024-12-01")
    (payout,) = made.draft("ann")
    assert (payout.amount, sum(n for part in payout.parts for _, n in part.netted)) == (2_500, 500)
    contest(made, "f1")
    made.tick(made.now)
    now = made.payout(payout.id)
    assert (now.amount, sum(n for part in now.parts for _, n in part.netted)) == (1_500, 500)


def test_a_contested_reward_does_not_expire() -> None:
    """Nobody could approve it: its time begins again."""
    made = world(rewards=[advocate(percent="10")], hold="0d", expires_after="10d")
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    id_ = for_amy(made)
    made.tick("03-30")
    assert made.reward(side="advocate").status == "in_review"
    decide(made, id_, "lost")
    made.tick("04-30")
    assert made.reward(side="advocate").status == "expired"


def test_at_most_twenty_claims_wait_about_one_friend() -> None:
    """Who would enter more is told to decide those first."""
    made = bought()
    for number in range(20):
        made.enrol(f"a{number}", f"A{number}")
        assert verdict(claim(made, (f"a{number}", 1, 1), lead_at=at("02-01"))) == "claim_opened"
    assert verdict(claim(made, ("amy", 1, 1), lead_at=at("02-01"))) == "too_many"


@pytest.mark.parametrize(("role", "settles", "withdraws"), [
    ("owner", True, True), ("approver", True, True), ("operations", False, True), ("support", False, False),
    ("program_manager", False, False), ("payer", False, False), ("auditor", False, False),
])  # fmt: skip
def test_a_claim_is_settled_by_an_approver_or_an_owner_alone(role: str, settles: bool, withdraws: bool) -> None:
    """Won or lost, first and on appeal; operations take it up and withdraw it, and others may do neither."""
    kim = member("kim", role)
    for outcome, able in (("won", settles), ("lost", settles), ("withdrawn", withdraws)):
        made = bought()
        id_ = for_amy(made, evidence=())
        taken = verdict(made.command(events.ClaimTaken, kim, claim=id_))
        assert taken == ("claim_taken" if withdraws else "not_permitted")
        assert decide(made, id_, outcome, kim) == (outcome if able else "not_permitted")
    made = bought()
    id_ = for_amy(made)
    assert decide(made, id_, "won") == "won"
    made.command(events.ClaimAppealed, OWNER, claim=id_, reason="x")
    assert decide(made, id_, "lost", kim) == ("lost" if settles else "not_permitted")


def test_what_was_decided_before_stays_decided() -> None:
    """Under the third behaviour whoever handles claims decided them."""
    made = bought()
    id_ = for_amy(made)
    made.semantics = 3
    assert decide(made, id_, "won", member("dan", "operations")) == "won"
