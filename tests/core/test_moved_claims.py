"""A claim that is won moves the money in every state, once, and tells each person only of their own; an appeal gives it back."""

from typing import Any

import pytest
from testkit.stories import tell, with_another_program, world
from testkit.world import OWNER, World, advocate, at, member, said, verdict
from tests.core.test_arrived import both
from tests.core.test_claims import SUE, claim
from tests.core.test_contested import DAN, EVIDENCE, decide, for_amy

from goodword.core import events, lists, reviews
from goodword.core.decision import Decision
from goodword.core.state import Conversion, Payout, Referral, Reward

SUE_OPS = member("sue")
#: Decides appeals.
JO = member("jo")


def world_of(policy: str = "bear", **parts: Any) -> World:
    """Ann is to earn ten euros by bob's first order, and bob five."""
    made = world(hold="0d", claims={"lost_after_payment": policy}, **parts)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    for person in ("ann", "amy", "bob"):
        made.payee(person)
    return made


def won(made: World, id_: str | None = None) -> Decision:
    id_ = id_ or for_amy(made)
    return made.command(events.ClaimDecided, DAN, claim=id_, outcome="won", reason="seen")


def appeal(made: World, id_: str, outcome: str, actor: Any = JO) -> Decision:
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=id_, reason="not so")) == "appealed"
    return made.command(events.ClaimDecided, actor, claim=id_, outcome=outcome, reason="seen")


def of(made: World, **which: str) -> list[tuple[str, int]]:
    return [(reward.status, reward.amount) for reward in made.rewards(**which)]


def all_of(made: World) -> list[tuple[str, str, int]]:
    return sorted((reward.beneficiary, reward.status, reward.amount) for reward in made.rewards())


@pytest.mark.parametrize("state", ["in_review", "approved", "drafted"])
def test_what_was_not_sent_goes_back(state: str) -> None:
    """Before anything was released the wrong advocate's reward is reversed, and its verdict says what it was; the friend's stays."""
    made = world_of()
    if state != "in_review":
        made.approved(side="advocate")
    if state == "drafted":
        made.tick(made.reward(side="advocate").due_at or 0)
        (payout,) = made.draft("ann")
    assert said(won(made)) == [
        ("command", "won"),
        ("attribution", "theirs"),
        ("attribution", "not_theirs"),
        ("reward", "moved", "advocate", 0),
        ("reward", "earned", "advocate", 1_000),
    ]
    assert all_of(made) == [("amy", "in_review", 1_000), ("ann", "reversed", 0), ("bob", "in_review", 500)]
    assert made.balances() == {("accrued", "amy"): 1_000, ("accrued", "bob"): 500}
    if state == "drafted":
        assert made.payout(payout.id).status == "canceled"


@pytest.mark.parametrize("until", ["processing", "sent", "completed"])
@pytest.mark.parametrize(("policy", "hers", "owed"), [("bear", 1_000, 0), ("net", 0, -1_000), ("ask_back", 0, -1_000)])
def test_what_was_sent_is_borne_netted_or_asked_back(until: str, policy: str, hers: int, owed: int) -> None:
    """end-to-end 2: the winner is owed at once, in every state; the loser's part follows the rule of the program."""
    made = world_of(policy)
    made.paid(until=until, side="advocate")
    won(made)
    ann, amy = made.reward(beneficiary="ann"), made.reward(beneficiary="amy")
    assert (ann.amount, -ann.receivable, amy.status, amy.amount) == (hers, owed, "in_review", 1_000)
    assert made.balances().get(("receivable", "ann"), 0) == owed


@pytest.mark.parametrize("policy", ["bear", "net", "ask_back"])
def test_what_was_released_and_not_handed_over_was_not_sent(policy: str) -> None:
    """It leaves its payout, so that the wrong advocate gets nothing and owes nothing, whatever the rule says of what was sent."""
    made = world_of(policy)
    made.paid(until="released", side="advocate")
    (payout,) = made.state.all(Payout)
    won(made)
    ann, amy = made.reward(beneficiary="ann"), made.reward(beneficiary="amy")
    assert (ann.amount, ann.sent, ann.receivable, ann.status, amy.amount) == (0, 0, 0, "reversed", 1_000)
    assert (made.payout(payout.id).status, made.balances()) == (
        "canceled",
        {("accrued", "amy"): 1_000, ("accrued", "bob"): 500},
    )


@pytest.mark.parametrize(("policy", "sent"), [("bear", 4_000), ("net", 3_000), ("ask_back", 4_000)])
def test_the_next_reward_nets_what_was_paid_to_the_wrong_one_if_the_rule_says_so(policy: str, sent: int) -> None:
    """Ten euros were paid to ann for nothing: of her next forty she gets thirty, unless they are borne, or asked back."""
    made = world_of(policy)
    made.paid(side="advocate")
    won(made)
    tell(made, "06-01 lead bea code=ANN\n06-01 buy bea 400.00 EUR")
    assert [payout.amount for payout in made.paid(friend="bea", side="advocate")] == [sent]


def test_the_partners_deal() -> None:
    """end-to-end (a): 100.00 flat for Carla was paid, the partner's 15 % of 12,345.67 is owed at once; the case closes with it."""
    made = world(rewards=[advocate(flat={"EUR": 10_000})], hold="0d")
    made.publish(
        {
            "program": "partners",
            "currency": "EUR",
            "hold": "0d",
            "conversions": [{"rewards": [advocate(percent="15")]}],
        }
    )
    tell(made, "01-01 enrol pat to=partners\n02-01 lead zoe code=ANN\n02-04 lead zoe code=PAT to=partners")
    tell(made, "02-05 buy zoe 12345.67 EUR")
    assert sorted(case.kind for case in made.cases(status="open")) == ["duplicate_claim", "flags"]
    (found,) = made.claims()
    assert found.lead_at == at("02-04")
    made.payee("ann")
    assert verdict(made.approve(made.rewards())) == "case_open"
    won(made, found.id)
    assert [case.status for case in made.cases()] == ["decided", "decided"]
    assert {case.outcome for case in made.cases()} == {"claim_won"}
    assert all_of(made) == [("ann", "reversed", 0), ("pat", "in_review", 185_185)]


def test_the_friend_is_welcomed_once() -> None:
    """hostile-review 8: one order, one welcome: after the claim moved what was paid, the next order is not the first."""
    made = world_of()
    made.paid(side="advocate")
    made.paid(side="friend")
    won(made)
    tell(made, "12-01 buy bob 100.00 EUR invoice=bob-2 -> refused not_first")
    assert of(made, side="friend") == [("paid", 500)]
    assert all_of(made) == [("amy", "in_review", 1_000), ("ann", "paid", 1_000), ("bob", "paid", 500)]


def test_months_go_on() -> None:
    """hostile-review 8: ann was paid five of six months; amy earns these anew and the sixth, and nothing beyond it."""
    made = world(hold="0d", rewards=[advocate(percent="10")], conversion={"counts": {"months": 6}})
    tell(made, "2024-01-05 lead bob code=ANN")
    for month in range(1, 6):
        tell(made, f"2024-0{month}-10 buy bob 100.00 EUR invoice=m{month}")
    made.payee("ann")
    for reward in made.rewards():
        made.approve([made.reward(conversion=reward.conversion)])
    made.tick("2024-06-20")
    (payout,) = made.draft("ann")
    made.release([payout])
    for outcome in ("processing", "sent", "completed"):
        made.answer(payout, outcome)
    won(made, for_amy(made, lead_at=at("2024-01-05")))
    tell(made, "2024-07-01 buy bob 100.00 EUR invoice=m6 -> amy 10.00 EUR")
    tell(made, "2024-07-10 buy bob 100.00 EUR invoice=m7 -> refused recurring_ended")
    assert of(made, beneficiary="ann") == [("paid", 1_000)] * 5
    assert of(made, beneficiary="amy") == [("in_review", 1_000)] * 6


@pytest.mark.parametrize("what", ["rejected", "expired"])
def test_nothing_is_resurrected_for_the_same_person(what: str) -> None:
    """hostile-review 29: a reward that was rejected, or ran out, stays so when a claim for the same advocate is won."""
    made = world_of(expires_after="30d")
    made.payee("ann")
    if what == "rejected":
        made.command(events.RewardsRejected, items=made.items(made.rewards(side="advocate")), reason="fraud")
    else:
        made.approved(side="friend")
        made.tick("06-01")
    said_ = claim(made, ("ann", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject
    won(made, said_)
    assert of(made, beneficiary="ann") == [(what, 0)]


def test_each_is_told_only_of_their_own() -> None:
    """hostile-review 31c, end-to-end 3: each reward has a verdict with what it was, and each names one beneficiary alone."""
    made = world_of("net")
    made.paid(side="advocate")
    decision = won(made)
    told = {verdict.beneficiary: verdict for verdict in decision.verdicts if verdict.about == "reward"}
    assert (told["ann"].outcome, told["ann"].amount) == ("moved", 0)
    assert {step.code: step.values for step in told["ann"].steps}["was"]["amount"] == 1_000
    assert {step.code: step.values for step in told["ann"].steps}["moved"]["policy"] == "net"
    assert (told["amy"].outcome, told["amy"].amount) == ("earned", 1_000)
    assert "1000" not in str(told["amy"].steps[0])
    assert "amy" not in str(told["ann"])


def test_a_later_lead_takes_nothing_that_it_does_not_cover() -> None:
    """end-to-end 12: a claim whose lead lies after the order leaves that order and its place; one of the future is refused."""
    made = world_of()
    made.tick("02-11")
    id_ = for_amy(made, lead_at=at("02-10"))
    assert said(won(made, id_)) == [("command", "won"), ("attribution", "theirs"), ("attribution", "not_theirs")]
    assert all_of(made) == [("ann", "in_review", 1_000), ("bob", "in_review", 500)]
    tell(made, "02-20 buy bob 100.00 EUR invoice=bob-2 -> refused not_first")
    ahead = claim(made, ("amy", 1, 1), lead_at=at("2027-01-01"))
    assert verdict(ahead) == "in_future"


def test_who_entered_a_claim_does_not_decide_it() -> None:
    """end-to-end 12: not even an owner; they may withdraw it."""
    made = world_of()
    id_ = for_amy(made, actor=OWNER)
    assert decide(made, id_, "won", OWNER) == "own_work"
    assert decide(made, id_, "lost", OWNER) == "own_work"
    assert decide(made, id_, "withdrawn", OWNER) == "withdrawn"


def test_budget_and_amount_limits_do_not_hold_back_what_moves() -> None:
    """The budget went to the wrong advocate: the rightful one is owed all the same."""
    limits = [{"per": "month", "amount": {"EUR": 1_200}}]
    made = world_of(budget={"EUR": 1_000}, rewards=[advocate(percent="10", limits=limits)])
    tell(made, "02-03 lead bea code=AMY\n02-03 buy bea 90.00 EUR -> amy: refused budget_exhausted")
    made.paid(side="advocate")
    won(made)
    assert all_of(made) == [("amy", "in_review", 1_000), ("ann", "paid", 1_000)]
    tell(made, "12-01 lead ben code=AMY\n12-01 buy ben 10.00 EUR -> amy: refused budget_exhausted")


def test_shares_change() -> None:
    """Ann keeps a half: she earns it by the reward that she had, and amy earns the other."""
    made = world_of()
    id_ = claim(made, ("ann", 1, 2), ("amy", 1, 2), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject
    won(made, id_)
    assert all_of(made) == [("amy", "in_review", 500), ("ann", "in_review", 500), ("bob", "in_review", 500)]
    assert len(made.rewards()) == 3


def test_what_was_lost_and_then_arrived_after_all_was_approved_by_who_said_so() -> None:
    """It failed, was in review again, and a claim took it: what the company bears now has somebody who answers for it."""
    made = world_of()
    [payout] = made.paid(until="processing", side="advocate")
    made.answer(payout, "failed")
    made.payee("ann", "another")
    assert (made.reward(beneficiary="ann").status, made.reward(beneficiary="ann").approvals) == ("in_review", ())
    won(made)
    assert of(made, beneficiary="ann") == [("reversed", 0)]
    both(made, made.payout(payout.id))
    now = made.reward(beneficiary="ann")
    assert (now.status, now.amount, now.approvals, now.approved_at) == ("paid", 1_000, ("paula", "olga"), made.now)


# --- appeals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["bear", "net", "ask_back"])
@pytest.mark.parametrize("until", [None, "processing", "completed"])
def test_an_appeal_gives_back(policy: str, until: str | None) -> None:
    """What a claim took comes alive again: after a move and back all sums are as before, and nothing is earned a second time."""
    made = world_of(policy)
    if until is not None:
        made.paid(until=until, side="advocate")
    before, books = made.reward(side="advocate"), made.balances()
    id_ = for_amy(made)
    won(made, id_)
    assert appeal(made, id_, "lost").verdicts[0].outcome == "lost"
    now = made.reward(beneficiary="ann")
    assert (now.id, now.status, now.amount, now.sent) == (before.id, before.status, before.amount, before.sent)
    assert made.balances() == books
    assert of(made, beneficiary="amy") == [("reversed", 0)]
    (bound,) = [found for found in made.state.all(Referral) if found.status != "void"]
    assert bound.id == before.referral
    tell(made, "12-01 buy bob 100.00 EUR invoice=bob-2 -> refused not_first")


def test_no_more_is_given_back_than_was_left_by_limits() -> None:
    """A monthly limit had left five of ten euros: the appeal gives back five."""
    limits = [{"per": "month", "amount": {"EUR": 500}}]
    made = world_of(rewards=[advocate(percent="10", limits=limits)])
    id_ = for_amy(made)
    won(made, id_)
    assert of(made, beneficiary="amy") == [("in_review", 1_000)]
    appeal(made, id_, "lost")
    assert of(made, beneficiary="ann") == [("in_review", 500)]


@pytest.mark.parametrize("policy", ["bear", "net"])
def test_two_moves_and_back(policy: str) -> None:
    """To amy, on to abe, and back by two appeals, the later first: sums as before. The earlier appeal has to wait for the later."""
    made = world_of(policy)
    made.enrol("abe")
    made.paid(side="advocate")
    books = made.balances()
    first = for_amy(made)
    won(made, first)
    second = claim(made, ("abe", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject or ""
    won(made, second)
    assert [b for b, status, amount in all_of(made) if status == "in_review" and b != "bob"] == ["abe"]
    assert verdict(appeal(made, first, "lost")) == "wrong_state"
    assert appeal(made, second, "lost").verdicts[0].outcome == "lost"
    assert made.reward(beneficiary="amy").amount == 1_000
    assert made.command(events.ClaimDecided, JO, claim=first, outcome="lost", reason="x").verdicts[0].outcome == "lost"
    assert made.balances() == books
    assert all_of(made) == [
        ("abe", "reversed", 0),
        ("amy", "reversed", 0),
        ("ann", "paid", 1_000),
        ("bob", "in_review", 500),
    ]


def test_what_was_netted_meanwhile_is_owed_again() -> None:
    """Ann's next reward netted the debt that never was one: after the appeal it is approved anew and sent."""
    made = world(hold="0d", claims={"lost_after_payment": "net", "appeal_within": "365d"})
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.paid(side="advocate")
    id_ = for_amy(made)
    won(made, id_)
    tell(made, "02-20 lead bea code=ANN\n02-20 buy bea 400.00 EUR")
    assert [payout.amount for payout in made.paid(friend="bea", side="advocate")] == [3_000]
    appeal(made, id_, "lost")
    now = made.reward(friend="bob", beneficiary="ann")
    assert (now.status, now.amount, now.unsent) == ("in_review", 1_000, 1_000)
    assert [payout.amount for payout in made.paid(friend="bob", beneficiary="ann")] == [1_000]


def test_what_the_winner_was_paid_follows_the_same_rule() -> None:
    """Amy was paid before the appeal: she keeps it, or owes it back, as the rules say."""
    for policy, keeps, owes in (("bear", 1_000, 0), ("net", 0, 1_000)):
        made = world(hold="0d", claims={"lost_after_payment": policy, "appeal_within": "365d"})
        tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
        id_ = for_amy(made)
        won(made, id_)
        made.paid(beneficiary="amy")
        appeal(made, id_, "lost")
        amy, ann = made.reward(beneficiary="amy"), made.reward(beneficiary="ann")
        assert (amy.amount, amy.receivable, ann.status, ann.amount) == (keeps, owes, "in_review", 1_000)


def test_a_lost_claim_is_won_on_appeal() -> None:
    """It moves then what it would have moved at first."""
    made = world_of()
    id_ = for_amy(made)
    assert decide(made, id_, "lost") == "lost"
    assert appeal(made, id_, "won").verdicts[0].outcome == "won"
    assert all_of(made) == [("amy", "in_review", 1_000), ("ann", "reversed", 0), ("bob", "in_review", 500)]


def test_an_appeal_stops_what_it_could_give_back() -> None:
    """What the winner earned is not approved while the appeal is open; once another member confirmed it, it is."""
    made = world_of()
    id_ = for_amy(made)
    won(made, id_)
    made.command(events.ClaimAppealed, SUE, claim=id_, reason="not so")
    assert verdict(made.approve(made.rewards(beneficiary="amy"))) == "contested"
    assert verdict(made.approve(made.rewards(beneficiary="bob"))) == "approved"
    assert decide(made, id_, "won", JO) == "won"
    assert verdict(made.approve(made.rewards(beneficiary="amy"))) == "approved"


def test_an_appeal_is_decided_by_another_once_and_in_time() -> None:
    """Not by who entered, decided or appealed; a second time, or too late, is refused."""
    made = world_of()
    id_ = for_amy(made)
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=id_, reason="x")) == "wrong_state"
    won(made, id_)
    appealed = made.command(events.ClaimAppealed, OWNER, claim=id_, reason="x")
    assert verdict(appealed) == "appealed"
    for actor in (DAN, OWNER, member("sue")):
        assert decide(made, id_, "lost", actor) == "own_work"
    assert decide(made, id_, "lost", JO) == "lost"
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=id_, reason="x")) == "appeal_over"
    late = claim(made, ("amy", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject or ""
    assert decide(made, late, "lost") == "lost"
    made.tick(made.now + 15 * 86_400_000_000)
    assert verdict(made.command(events.ClaimAppealed, SUE, claim=late, reason="x")) == "appeal_over"
    assert verdict(made.command(events.ClaimAppealed, SUE, claim="clm_x", reason="x")) == "not_found"


@pytest.mark.parametrize("until", [None, "completed"])
def test_a_case_is_appealed(until: str | None) -> None:
    """A reward that a case took is owed again if another member clears it on appeal; meanwhile it waits."""
    made = world_of(rewards=[advocate(percent="10")])
    if until is not None:
        made.paid(until=until)
    before = made.reward()
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    (case,) = made.cases()
    made.command(events.CaseDecided, DAN, case=case.id, outcome="confirmed", reason="seen")
    assert made.reward().amount == 0
    assert verdict(made.command(events.CaseAppealed, SUE_OPS, case=case.id, reason="no")) == "appealed"
    assert verdict(made.command(events.CaseDecided, DAN, case=case.id, outcome="cleared", reason="x")) == "own_work"
    cleared = made.command(events.CaseDecided, JO, case=case.id, outcome="cleared", reason="seen")
    assert verdict(cleared) == "cleared"
    assert (made.reward().status, made.reward().amount) == (before.status, 1_000)
    assert verdict(made.command(events.CaseAppealed, SUE_OPS, case=case.id, reason="no")) == "appeal_over"
    assert verdict(made.command(events.CaseAppealed, SUE_OPS, case="cas_x", reason="no")) == "not_found"


# --- an earlier conversion ----------------------------------------------------------------------------------------------


def earlier() -> tuple[World, str]:
    """The order of the 5th has the place when that of the 3rd arrives: a claim."""
    made = world(hold="0d")
    tell(made, "02-01 lead bob code=ANN\n02-05 buy bob 100.00 EUR invoice=later")
    tell(made, "02-03 buy bob 50.00 EUR invoice=sooner -> refused not_first")
    (found,) = made.claims(kind="earlier_conversion")
    return made, found.id


def test_an_earlier_conversion_gets_the_place_in_the_same_referral() -> None:
    """Won: the earlier order earns and the later does not, for both sides; on appeal lost, as it was."""
    made, id_ = earlier()
    before, books = all_of(made), made.balances()
    won(made, id_)
    assert [(r.conversion, r.side, r.amount) for r in made.rewards() if r.amount] == [
        ("inv:sooner", "friend", 500),
        ("inv:sooner", "advocate", 500),
    ]
    assert len(list(made.state.all(Referral))) == 1
    appeal(made, id_, "lost")
    assert [row for row in all_of(made) if row[2]] == before
    assert made.balances() == books


def test_an_earlier_conversion_does_not_take_what_was_sent() -> None:
    """The welcome was paid for the later order: it keeps the place, and nobody earns twice."""
    made = world(hold="0d")
    tell(made, "02-01 lead bob code=ANN\n02-05 buy bob 100.00 EUR invoice=later")
    made.paid(side="friend")
    tell(made, "06-01 buy bob 50.00 EUR invoice=sooner when=02-03 -> refused not_first")
    won(made, made.claims()[0].id)
    assert {r.conversion for r in made.rewards()} == {"inv:later"}


def test_what_was_rejected_before_an_earlier_conversion_came_is_not_put_right() -> None:
    """One place earns once: a rejection of the later order, which has lost it, is a mistake that costs nothing any more."""
    made, id_ = earlier()
    later = made.rewards(conversion="inv:later")
    made.command(events.RewardsRejected, OWNER, items=made.items(later), reason="fraud")
    won(made, id_)
    items = tuple(reviews.restorable(reward) for reward in made.rewards(conversion="inv:later"))
    fields = {"items": items, "list_sha256": lists.digest(items), "reason": "mistake"}
    assert verdict(made.command(events.RewardsRestored, member("eve", "approver"), **fields)) == "wrong_state"


def test_an_earlier_conversion_stops_both_sides() -> None:
    """Until it is decided neither side of the later order is approved."""
    made, id_ = earlier()
    made.payee("bob")
    made.payee("ann")
    assert [verdict(made.approve([reward])) for reward in made.rewards()] == ["contested", "contested"]
    assert decide(made, id_, "lost") == "lost"
    assert verdict(made.approve(made.rewards())) == "approved"


def test_another_program_and_back() -> None:
    """Both sides move to the other program, the friend's welcome with them; on appeal both come back."""
    made = with_another_program(world(hold="0d"))
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.payee("bob")
    books = made.balances()
    claim(made, ("abe", 1, 1), program=made.program("other"), lead_at=at("02-01"), evidence=EVIDENCE)
    (found,) = made.claims()
    assert verdict(made.approve(made.rewards(side="friend"))) == "contested"
    won(made, found.id)
    assert [row for row in all_of(made) if row[2]] == [("abe", "pending", 300)]
    appeal(made, found.id, "lost")
    assert [row for row in all_of(made) if row[2]] == [("ann", "in_review", 1_000), ("bob", "in_review", 500)]
    assert made.balances() == books


def test_a_wholly_withheld_reward_is_still_owed_after_a_claim() -> None:
    """What was netted for nothing of a refunded reward stays owed to its advocate, and stays with its conversion."""
    made = world_of("net", rewards=[advocate(percent="100")])
    (first,) = made.paid(until="sent")
    made.refund("bob-1", 10_000)
    tell(made, "06-01 lead bea code=ANN\n06-01 buy bea 70.00 EUR")
    made.paid(friend="bea")
    made.answer(first, "returned")
    assert (made.reward(friend="bob").withheld, made.reward(friend="bob").amount) == (7_000, 0)
    claim(made, ("amy", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE)
    won(made, made.claims()[0].id)
    kept = made.reward(friend="bob", beneficiary="ann")
    assert kept.withheld == 7_000
    conversion = made.state.get(Conversion, kept.conversion)
    assert conversion is not None
    assert kept.id in conversion.rewards


def test_the_first_behaviour_is_as_it_was() -> None:
    """An old log goes on to say that a claim moves what was not sent and stops nothing."""
    made = world(hold="0d", rewards=[advocate(percent="10")])
    made.semantics = 1
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR")
    made.payee("ann")
    id_ = for_amy(made, actor=OWNER)
    assert verdict(made.approve(made.rewards())) == "approved"
    assert said(made.command(events.ClaimDecided, OWNER, claim=id_, outcome="won", reason="seen")) == [
        ("command", "won"),
        ("reward", "earned", "advocate", 1_000),
    ]
    assert isinstance(made.reward(beneficiary="amy"), Reward)


def test_what_earned_while_a_claim_stood_takes_no_second_place() -> None:
    """Given back with the place of an order that was amended to nothing, a referral gets no reward of the order after it."""
    made = world_of()
    tell(made, "02-03 amend bob-1 0.00 EUR a1\n02-04 buy bob 50.00 EUR invoice=bob-2 -> refused not_first")
    id_ = for_amy(made)
    won(made, id_)
    assert [reward.conversion for reward in made.rewards() if reward.amount] == ["inv:bob-2", "inv:bob-2"]
    appeal(made, id_, "lost")
    assert [reward.conversion for reward in made.rewards() if reward.amount] == []


def test_what_is_worth_nothing_by_now_stays_reversed() -> None:
    """Taken by one claim, and given back by the next after the order was given back whole: nothing waits for an approval."""
    made = world_of()
    won(made)
    tell(made, "02-05 refund bob-1 100.00")
    won(made, claim(made, ("ann", 1, 1), lead_at=at("02-01"), evidence=EVIDENCE).verdicts[0].subject)
    assert {reward.status for reward in made.rewards()} == {"reversed"}


def test_what_lost_its_place_while_it_was_worth_nothing_does_not_rise() -> None:
    """The later order was given back when a claim gave its place to the earlier one: one place earns once."""
    made = world(hold="0d")
    tell(made, "02-01 lead bob code=ANN\n02-05 buy bob 100.00 EUR invoice=later\n02-06 refund later 100.00 r1")
    tell(made, "02-03 buy bob 50.00 EUR invoice=sooner -> refused not_first")
    won(made, made.claims()[0].id)
    tell(made, "02-07 back later r1 -> returned")
    assert {reward.conversion for reward in made.rewards() if reward.amount} == {"inv:sooner"}


def test_an_appeal_gives_back_whom_somebody_was_merged_into() -> None:
    """The friend was merged into another account while the claim stood: it is that one who is bound again."""
    made = world_of()
    id_ = for_amy(made)
    won(made, id_)
    made.send(events.PersonMerged, keep="bea", gone="bob")
    appeal(made, id_, "lost")
    (bound,) = [referral for referral in made.state.all(Referral) if referral.status != "void"]
    assert (bound.friend, bound.shares[0].person) == ("bea", "ann")


def test_what_was_paid_in_a_referral_of_its_own_keeps_its_place_there() -> None:
    """Two friends were one: of both orders both were paid, one is taken and kept, and is its advocate's again by the next claim."""
    made = world(hold="0d")
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR\n02-05 lead bea code=AMY\n02-06 buy bea 50.00 EUR")
    made.paid(side="advocate")
    made.send(events.PersonMerged, keep="bob", gone="bea")
    (hers,) = made.claims(kind="later_lead")
    won(made, claim(made, ("ann", 1, 1), lead_at=at("02-05"), evidence=EVIDENCE).verdicts[0].subject)
    appeal(made, hers.id, "won")
    paid = {(reward.beneficiary, reward.conversion, reward.amount) for reward in made.rewards(side="advocate")}
    assert paid == {("ann", "inv:bob-1", 1_000), ("amy", "inv:bea-1", 500)}


def test_the_place_by_which_something_is_its_own_comes_first() -> None:
    """Of the places of what ended, one of another system is earlier; the friend's own reward, which stands, has the other."""
    made = with_another_program(world(hold="0d"), new_customers_only=False, shares_customers=True)
    tell(made, "02-01 lead bob code=ANN\n02-02 buy bob 100.00 EUR\n02-02 lead bob code=AMY")
    fields = {"person": "bob", "advocate": "abe", "lead_at": at("02-01"), "first": {"purchase": at("01-30")}}
    made.send(events.ReferralImported, program=made.program("other"), **fields)
    won(made, made.claims(kind="later_lead")[0].id)
    (hers,) = [each for each in made.state.all(Referral) if each.status != "void" and each.shares[0].person == "amy"]
    assert [place.conversion for place in hers.qualified] == ["inv:bob-1"]
