"""Untidy lives that cross: an order is owed once, whatever was claimed, merged, appealed, refunded and restored of it in between."""

from typing import Any

import pytest
from testkit.stories import tell, with_another_program, world
from testkit.world import OWNER, RAIL, World, advocate, at, friend, member, rules, said, verdict
from tests.core.test_claims import claim
from tests.core.test_contested import DAN, EVIDENCE, for_amy
from tests.core.test_loading import part_of

from goodword.core import calendar, entry, events, lists, reviews
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.run import Run
from goodword.core.state import Reward, State

JO, MIA, MAX = member("jo"), member("mia"), member("max")
OLGA, OTTO = member("olga"), member("otto")


def tenth(**parts: Any) -> World:
    """Ann and amy earn ten per cent at once."""
    return world(**{"hold": "0d", "rewards": [advocate(percent="10")], **parts})


def bought(**parts: Any) -> World:
    """Bob, whom ann brought, bought for 100.00."""
    made = tenth(**parts)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    return made


def won(made: World, id_: str) -> Decision:
    made.tick(made.now + 1)
    return made.command(events.ClaimDecided, DAN, claim=id_, outcome="won", reason="seen")


def appealed(made: World, id_: str, outcome: str) -> Decision:
    assert verdict(made.command(events.ClaimAppealed, MIA, claim=id_, reason="not so")) == "appealed"
    return made.command(events.ClaimDecided, JO, claim=id_, outcome=outcome, reason="seen")


def case(made: World, outcome: str, actor: Actor = MAX) -> Decision:
    (found,) = made.cases(status="open") or made.cases(status="appealed")
    return made.command(events.CaseDecided, actor, case=found.id, outcome=outcome, reason="looked")


def restored(made: World, rewards: list[Reward]) -> Decision:
    items = tuple(reviews.restorable(reward) for reward in rewards)
    said_ = {"items": items, "list_sha256": lists.digest(items), "reason": "mistake"}
    made.command(events.RewardsRestored, OLGA, **said_)
    return made.command(events.RewardsRestored, OTTO, **said_)


def of(made: World, **which: str) -> list[tuple[str, str, int]]:
    return sorted((reward.beneficiary, reward.status, reward.amount) for reward in made.rewards(**which))


def test_an_order_that_earned_by_an_account_that_is_merged_earns_nobody_else() -> None:
    """Amy earned by bea's order; bea is bob, whom ann brought: amy keeps it, and ann is told why she gets nothing."""
    made = tenth()
    tell(made, "02-01 lead bob code=ANN\n02-02 lead bea code=AMY\n02-03 buy bea 100.00 EUR")
    merged = made.send(events.PersonMerged, keep="bob", gone="bea")
    assert said(merged) == [("event", "merged"), ("reward", "already_bound", "advocate", None)]
    assert of(made) == [("amy", "in_review", 1_000)]
    (found,) = made.claims()
    won(made, found.id)
    assert of(made) == [("amy", "in_review", 1_000)]


def test_a_claim_stops_what_an_account_that_is_merged_earned() -> None:
    """Bea is bob; whoever claims bob stops what amy earned by bea as well, for it would be taken of her."""
    made = tenth()
    made.enrol("abe")
    tell(made, "02-01 lead bob code=ANN\n02-02 lead bea code=AMY\n02-03 buy bea 100.00 EUR")
    made.send(events.PersonMerged, keep="bob", gone="bea")
    made.payee("amy")
    made.tick(made.now + 1)
    made.command(events.ClaimDecided, DAN, claim=made.claims()[0].id, outcome="lost", reason="later")
    id_ = claim(made, ("abe", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject or ""
    made.tick(made.now + 1)
    assert verdict(made.approve(made.rewards(beneficiary="amy"))) == "contested"
    won(made, id_)
    assert of(made) == [("abe", "in_review", 1_000), ("amy", "reversed", 0)]


def test_a_case_that_is_cleared_on_appeal_gives_nothing_back_that_is_somebody_elses() -> None:
    """Ann's reward was rejected by a case, then amy won the friend: clearing the case does not owe the order twice."""
    made = bought(rewards=[advocate(percent="10"), friend(flat={"EUR": 500})])
    tell(made, "02-05 chargeback bob-1 opened")
    assert verdict(case(made, "confirmed")) == "confirmed"
    won(made, for_amy(made))
    (found,) = made.cases()
    made.command(events.CaseAppealed, MIA, case=found.id, reason="not so")
    assert verdict(case(made, "cleared", JO)) == "cleared"
    assert of(made) == [("amy", "in_review", 1_000), ("ann", "rejected", 0), ("bob", "in_review", 500)]


@pytest.mark.parametrize("how", ["rejected", "confirmed"])
def test_what_was_refused_of_an_order_is_not_restored_once_an_earlier_one_has_its_place(how: str) -> None:
    """One place is one reward: the earlier order earns, and the books say no fault of the refused one that lost its place."""
    made = tenth()
    tell(made, "02-01 lead bob code=ANN\n02-10 buy bob 50.00 EUR invoice=late")
    if how == "rejected":
        made.command(events.RewardsRejected, MAX, items=made.items(made.rewards()), reason="fraud")
    else:
        tell(made, "02-11 chargeback late opened")
        case(made, "confirmed")
    tell(made, "02-12 buy bob 80.00 EUR invoice=early when=02-05")
    won(made, made.claims()[0].id)
    if how == "rejected":
        assert verdict(restored(made, made.rewards(conversion="inv:late"))) == "wrong_state"
    else:
        made.command(events.CaseAppealed, MIA, case=made.cases()[0].id, reason="not so")
        case(made, "cleared", JO)
    assert of(made) == [("ann", "in_review", 800), ("ann", "rejected", 0)]


@pytest.mark.parametrize("taken_back", ["refund", "chargeback"])
def test_what_a_refund_took_of_the_loser_does_not_rise_beside_the_winners(taken_back: str) -> None:
    """All was given back, amy won the friend, the refund failed: it is owed to amy; after a lost appeal to ann."""
    made = bought()
    if taken_back == "refund":
        tell(made, "02-03 refund bob-1 100.00 r1")
    else:
        tell(made, "02-03 chargeback bob-1 opened\n02-03 chargeback bob-1 lost")
    id_ = for_amy(made)
    won(made, id_)
    tell(made, "02-05 back bob-1 r1" if taken_back == "refund" else "02-05 chargeback bob-1 kept")
    assert [each for each in of(made) if each[2]] == [("amy", "in_review", 1_000)]
    appealed(made, id_, "lost")
    assert [each for each in of(made) if each[2]] == [("ann", "in_review", 1_000)]


def test_what_the_program_bears_rises_again_to_what_was_paid() -> None:
    """Ann keeps the ten euros that were paid; half of the order is given back and is not after all: she owes nothing."""
    made = bought(claims={"lost_after_payment": "bear"})
    made.paid()
    won(made, for_amy(made))
    tell(made, "08-02 refund bob-1 50.00 r1")
    assert made.reward(beneficiary="ann").receivable == 500
    tell(made, "08-03 back bob-1 r1")
    assert made.reward(beneficiary="ann").receivable == 0
    tell(made, "08-04 amend bob-1 200.00 EUR a1")
    assert of(made) == [("amy", "in_review", 2_000), ("ann", "paid", 1_000)]


def test_payments_that_counted_for_the_loser_count_for_the_winner() -> None:
    """Three payments earn: ann had two of them, amy gets the third."""
    made = tenth(conversion={"counts": {"payments": 3}})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 10.00 EUR invoice=a\n02-03 buy bob 10.00 EUR invoice=b")
    made.tick("02-06")
    won(made, for_amy(made, lead_at=at("02-05")))
    tell(made, "02-07 buy bob 10.00 EUR invoice=c -> amy 1.00 EUR")
    tell(made, "02-08 buy bob 10.00 EUR invoice=d -> refused recurring_ended")


def test_a_claim_in_one_program_lifts_no_budget_of_another() -> None:
    """That amy won the friend in one program lets abe earn nothing above the other program's budget."""
    made = bought(shares_customers=True)
    with_another_program(made, shares_customers=True, budget={"EUR": 100})
    won(made, for_amy(made))
    late = made.lead("bob", "02-02", code="ABE", program=made.program("other"))
    assert ("reward", "budget_exhausted", "advocate", None) in said(late)


@pytest.mark.parametrize(("keep", "gone"), [("bob", "cat"), ("cat", "bob")])
def test_an_appeal_gives_back_to_whom_the_friend_is_by_now(keep: str, gone: str) -> None:
    """Bob and cat are one since amy won bob: the appeal binds that one to ann again, and what comes alive can be stopped for them."""
    made = bought()
    id_ = for_amy(made)
    won(made, id_)
    made.send(events.PersonMerged, keep=keep, gone=gone)
    appealed(made, id_, "lost")
    assert of(made) == [("amy", "reversed", 0), ("ann", "in_review", 1_000)]
    assert made.reward(beneficiary="ann").friend == keep


def test_nobody_wins_themselves_after_a_merge() -> None:
    """Amy claims bob, and is found to be bob: she cannot win, and what ann earned stays."""
    made = bought()
    id_ = for_amy(made)
    made.send(events.PersonMerged, keep="amy", gone="bob")
    assert verdict(won(made, id_)) == "self_referral"
    assert ("ann", "in_review", 1_000) in of(made)


def test_what_comes_back_of_somebody_who_was_merged_is_approved_anew() -> None:
    """Ann's payout fails after she became eve: eve's details are others, so that it does not wait for ever for those of ann."""
    made = bought()
    (payout,) = made.paid(until="processing")
    made.send(events.PersonMerged, keep="eve", gone="ann")
    made.answer(made.payout(payout.id), "failed", RAIL)
    assert of(made) == [("eve", "in_review", 1_000)]


def test_an_amended_order_is_decided_where_it_earned_nothing_yet() -> None:
    """It earned in one program and was too small for the other: once it is large enough it earns there as well."""
    made = tenth(shares_customers=True, conversion={"minimum": {"EUR": 5_000}})
    made.publish(rules(program="other", shares_customers=True, hold="0d", rewards=[advocate(flat={"EUR": 300})]))
    tell(made, "01-01 enrol abe to=other\n02-01 lead bob code=ANN to=main\n02-01 lead bob code=ABE to=other")
    tell(made, "02-02 buy bob 40.00 EUR\n02-03 amend bob-1 120.00 EUR a1")
    assert of(made) == [("abe", "in_review", 300), ("ann", "in_review", 1_200)]


@pytest.mark.parametrize("later", ["claim", "lead"])
def test_who_amended_an_order_does_not_approve_what_it_earns_later(later: str) -> None:
    """Olga amended bob's order; what a claim or a late lead has it earn since rests on her figures as well."""
    made = tenth()
    made.join(OWNER, OLGA, OTTO, DAN)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR" if later == "claim" else "02-02 buy bob 100.00 EUR")
    figures = {"conversion": "inv:bob-1", "amount": 90_000, "currency": "EUR", "reason": "told"}
    made.command(events.OrderAmended, OLGA, **figures)
    if later == "claim":
        won(made, for_amy(made))
    else:
        tell(made, "02-03 lead bob code=AMY when=02-01")
    made.payee("amy")
    mine = made.rewards(beneficiary="amy")
    assert [reward.amount for reward in mine] == [9_000]
    assert verdict(made.approve(mine, OLGA)) == "own_work"
    assert verdict(made.approve(mine, OTTO)) == "approved"


@pytest.mark.parametrize("what", ["proof", "suspended"])
def test_what_was_released_and_not_handed_over_is_stopped(what: str) -> None:
    """A late proof and a suspension stop what lies in a released payout, as a claim does: the rail is handed nothing of it."""
    made = bought(new_customers_only=True)
    (payout,) = made.paid(until="released")
    if what == "proof":
        made.send(events.CustomerKnown, person="bob", since=at("01-15"))
    else:
        made.send(events.AdvocateSuspended, person="ann")
    assert len(made.cases(status="open")) == 1
    made.answer(made.payout(payout.id), "processing")
    assert made.payout(payout.id).status == "canceled"
    assert of(made) == [("ann", "approved", 1_000)]


def test_what_two_members_restored_is_no_cases_any_more() -> None:
    """A case took ann's reward, two members restored it: it can be claimed as any other, and then is owed to amy alone."""
    made = bought()
    tell(made, "02-05 chargeback bob-1 opened")
    case(made, "confirmed")
    assert verdict(restored(made, made.rewards())) == "restored"
    id_ = for_amy(made)
    made.tick(made.now + 1)
    made.payee("ann")
    assert verdict(made.approve(made.rewards())) == "contested"
    won(made, id_)
    assert of(made) == [("amy", "in_review", 1_000), ("ann", "reversed", 0)]


def test_a_claim_on_an_account_that_is_merged_stops_what_the_other_earned() -> None:
    """Cat is claimed for amy, and turns out to be bob: ann's reward leaves its payout, which waits for its release."""
    made = bought()
    made.approved()
    made.tick(made.reward().due_at or 0)
    (payout,) = made.draft("ann")
    claim(made, ("amy", 1, 1), person="cat", lead_at=at("02-01"), evidence=EVIDENCE)
    made.tick(made.now + 1)
    assert made.payout(payout.id).status == "awaiting_release"
    made.send(events.PersonMerged, keep="bob", gone="cat")
    assert made.payout(payout.id).status == "canceled"


def decided_on_what_is_loaded(made: World) -> None:
    """Decide the log again, each entry on what is loaded for it, to the same."""
    whole = Run(State(complete=True), {})
    for asked in map(entry.asked, made.leaves):
        part = part_of(whole, [asked])
        assert part.step(asked.event, asked.facts) == whole.step(asked.event, asked.facts)


def test_an_order_is_amended_whose_advocate_is_bound_to_nobody_any_more() -> None:
    """Amy earned by bea, who is bob by now, and bound to ann: what caps leave her is looked at all the same, and is loaded."""
    made = tenth(rewards=[advocate(percent="10", limits=[{"per": "month", "amount": {"EUR": 1_100}}])])
    tell(made, "02-01 lead bob code=ANN\n02-02 lead bea code=AMY\n02-03 buy bea 100.00 EUR")
    made.send(events.PersonMerged, keep="bob", gone="bea")
    tell(made, "02-05 amend bea-1 200.00 EUR a1")
    assert of(made) == [("amy", "in_review", 1_100)]
    decided_on_what_is_loaded(made)


def test_a_suspension_is_lifted_by_an_old_name() -> None:
    """Ann is eve by now and was suspended: whichever name two members say, it is lifted, and what it cost is earned."""
    made = tenth()
    tell(made, "02-01 lead bob code=ANN")
    made.send(events.PersonMerged, keep="eve", gone="ann")
    made.send(events.AdvocateSuspended, person="eve")
    tell(made, "02-03 buy bob 100.00 EUR")
    for who in (OLGA, OTTO):
        lifted = made.command(events.SuspensionLifted, who, person="ann", program=made.program(), reason="mistake")
    assert ("reward", "earned", "advocate", 1_000) in said(lifted)
    decided_on_what_is_loaded(made)


@pytest.mark.parametrize(
    "told",
    [
        "02-05 amend bob-1 200.00 EUR a1",
        "02-04 refund bob-1 50.00 r1\n02-05 back bob-1 r1",
        "02-04 chargeback bob-1 opened\n02-05 chargeback bob-1 lost\n02-06 chargeback bob-1 kept",
    ],
)
def test_what_somebody_earned_by_themselves_does_not_rise_with_their_order(told: str) -> None:
    """Bob is ann: what she earned by him is not owed, also when the order is worth more again."""
    made = bought()
    made.send(events.PersonMerged, keep="ann", gone="bob")
    tell(made, told)
    assert of(made) == [("ann", "reversed", 0)]


def test_who_wins_back_an_order_that_was_given_back_whole_earns_when_it_is_not_after_all() -> None:
    """All of bob's order was given back; amy wins him, ann wins him back, the refund fails: it is ann's."""
    made = bought()
    tell(made, "02-03 refund bob-1 100.00 r1")
    won(made, for_amy(made))
    again = claim(made, ("ann", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject or ""
    won(made, again)
    assert of(made) == [("amy", "reversed", 0), ("ann", "reversed", 0)]
    tell(made, "02-05 back bob-1 r1")
    assert of(made) == [("amy", "reversed", 0), ("ann", "in_review", 1_000)]


def test_what_was_paid_to_an_account_that_is_merged_moves_on_as_whom_it_is_now() -> None:
    """Ann was paid and is eve by now: what rises with her order is paid to eve, and what falls eve owes."""
    made = bought()
    made.paid()
    made.send(events.PersonMerged, keep="eve", gone="ann")
    tell(made, "08-01 amend bob-1 200.00 EUR a1")
    made.payee("eve")
    assert verdict(made.approve(made.rewards())) == "approved"
    made.tick(made.reward().due_at or 0)
    (payout,) = made.draft("eve")
    assert (payout.beneficiary, payout.amount) == ("eve", 1_000)
    made.release([payout])
    made.answer(made.payout(payout.id), "processing")
    made.answer(made.payout(payout.id), "completed")
    tell(made, "12-01 refund bob-1 150.00 r1")
    assert made.balances()["receivable", "eve"] == -1_500
    decided_on_what_is_loaded(made)


def test_what_comes_back_of_what_was_paid_to_an_account_that_is_merged_is_paid_to_whom_it_is_now() -> None:
    """Ann was paid and is eve by now; the bank sends the money back: it waits in review for eve, and can be paid to her."""
    made = bought()
    (payout,) = made.paid()
    made.send(events.PersonMerged, keep="eve", gone="ann")
    assert verdict(made.answer(made.payout(payout.id), "returned")) == "returned"
    assert of(made) == [("eve", "in_review", 1_000)]
    assert {owner: amount for (kind, owner), amount in made.balances().items() if kind == "payable" and amount} == {}
    made.payee("eve")
    assert verdict(made.approve(made.rewards())) == "approved"
    made.tick(made.now + 60 * calendar.DAY)
    assert [(each.beneficiary, each.amount) for each in made.draft("eve")] == [("eve", 1_000)]
    decided_on_what_is_loaded(made)


def test_what_comes_back_is_stopped_by_a_claim_on_whom_its_friend_is_by_now() -> None:
    """Bob, by whom ann was paid, is bea by now, who is claimed for amy: what the bank sends back is contested and not approved."""
    made = bought()
    (payout,) = made.paid()
    made.send(events.PersonMerged, keep="bea", gone="bob")
    claim(made, ("amy", 1, 1), person="bea", lead_at=at("02-01"), evidence=EVIDENCE)
    made.tick(made.now + 1)
    made.answer(made.payout(payout.id), "returned")
    assert made.reward().friend == "bea"
    assert verdict(made.approve(made.rewards())) == "contested"
    decided_on_what_is_loaded(made)


def test_a_claim_takes_what_a_referral_earned_that_a_merge_ended_out_of_its_payout() -> None:
    """Bea, by whom amy earned, is bob, whom ann brought earlier: whoever claims bob stops amy's reward, which waits for its release."""
    made = tenth()
    made.enrol("abe")
    tell(made, "02-01 lead bob code=ANN\n02-02 lead bea code=AMY\n02-03 buy bea 100.00 EUR")
    made.approved()
    made.tick(made.reward().due_at or 0)
    made.send(events.PersonMerged, keep="bob", gone="bea")
    made.tick(made.now + 1)
    made.command(events.ClaimDecided, DAN, claim=made.claims()[0].id, outcome="lost", reason="later")
    (payout,) = made.draft("amy")
    made.send(events.PersonMerged, keep="ben", gone="bob")
    claim(made, ("abe", 1, 1), person="ben", lead_at=at("02-01"), evidence=EVIDENCE)
    assert made.payout(payout.id).status == "awaiting_release"
    made.tick(made.now + 1)
    assert made.payout(payout.id).status == "canceled"
    decided_on_what_is_loaded(made)


def test_a_claim_takes_what_was_earned_before_a_claim_that_was_won_out_of_its_payout() -> None:
    """Amy won bob from a day on, and ann keeps what she earned before: whoever claims bob for an earlier day stops that too."""
    made = bought()
    made.enrol("abe")
    made.approved()
    made.tick(made.reward().due_at or 0)
    later = claim(made, ("amy", 1, 1), lead_at=made.now - calendar.DAY, evidence=EVIDENCE).verdicts[0].subject or ""
    won(made, later)
    (payout,) = made.draft("ann")
    claim(made, ("abe", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE)
    made.tick(made.now + 1)
    assert made.payout(payout.id).status == "canceled"
    decided_on_what_is_loaded(made)
