"""A wrong suspension, rejection or expiry is put right by two people, and what the refusal cost is decided again."""

import pytest
from testkit.world import OWNER, World, advocate, friend, member, said, verdict

from goodword.core import events, lists, reviews, semantics
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.stages import planning
from goodword.core.state import Advocate, Counter, Reward

ANNA, BEN, CID = member("anna", "approver"), member("ben", "approver"), member("cid", "approver")


def made(**parts: object) -> World:
    """A workspace whose one side is the advocate's ten per cent, with four members; ann is an advocate."""
    world = World()
    world.publish(**{"hold": "1d", "rewards": [advocate(percent="10")], **parts})
    world.enrol("ann")
    world.lead("bob", code="ANN")
    return world


def restore(world: World, *rewards: Reward, by: Actor = ANNA, **more: object) -> Decision:
    """Say that these were rejected, or have expired, wrongly."""
    items = tuple(reviews.restorable(reward) for reward in rewards)
    fields = {"items": items, "list_sha256": lists.digest(items), "reason": "mistake", **more}
    return world.command(events.RewardsRestored, by, **fields)


def lift(world: World, by: Actor = ANNA) -> Decision:
    """Say that ann was suspended wrongly."""
    return world.command(events.SuspensionLifted, by, person="ann", program=world.program(), reason="mistake")


def suspended(world: World) -> None:
    """Ann is suspended."""
    world.send(events.AdvocateSuspended, person="ann", program=world.program())


def rejected(world: World, by: Actor = OWNER) -> Reward:
    """A reward of 10.00 that was rejected."""
    world.buy("bob", invoice="i1")
    world.command(events.RewardsRejected, by, items=world.items(world.rewards()), reason="fraud")
    return world.reward(side="advocate")


# --- a rejection or an expiry -----------------------------------------------------------------------------------------


def test_two_people_put_a_rejection_right() -> None:
    """Neither is who rejected; then it is in review with its amount, books and counters as if it had never ended (finding 23)."""
    world = made()
    world.buy("bob", invoice="i1")
    before = world.balances()
    counters = {counter.key: counter for counter in world.state.all(Counter)}
    world.command(events.RewardsRejected, OWNER, items=world.items(world.rewards()), reason="fraud")
    reward = world.reward(side="advocate")
    assert (reward.status, reward.amount) == ("rejected", 0)
    assert verdict(restore(world, reward, by=OWNER)) == "own_work"
    assert verdict(restore(world, reward, by=ANNA)) == "second_person_needed"
    assert verdict(restore(world, world.reward(side="advocate"), by=ANNA)) == "same_member"
    assert verdict(restore(world, world.reward(side="advocate"), by=BEN)) == "restored"
    reward = world.reward(side="advocate")
    assert (reward.status, reward.amount, reward.approvals) == ("in_review", 1_000, ())
    assert world.balances() == before
    assert {c.key: c for c in world.state.all(Counter) if not c.kind.startswith("rejected")} == counters


def test_who_rejected_or_asked_does_not_approve_what_was_restored() -> None:
    """They would be one person with two hands; anybody else approves it, and it is paid."""
    world = made()
    reward = rejected(world)
    restore(world, reward, by=ANNA)
    restore(world, world.reward(side="advocate"), by=BEN)
    world.payee("ann")
    for who in (OWNER, ANNA):
        assert verdict(world.approve(world.rewards(), who)) == "own_work"
    assert verdict(world.approve(world.rewards(), CID)) == "approved"


def test_what_has_expired_is_restored_and_has_its_time() -> None:
    """An expired reward is in review again, and expires only after its whole time from then on."""
    world = made(expires_after="10d")
    world.buy("bob", invoice="i1")
    world.tick("01-02")
    world.tick("02-01")
    reward = world.reward(side="advocate")
    assert reward.status == "expired"
    restore(world, reward)
    restore(world, reward, by=BEN)
    world.tick("02-10")
    assert world.reward(side="advocate").status == "in_review"
    world.tick("02-11")
    assert world.reward(side="advocate").status == "expired"


def test_what_is_restored_is_worth_what_its_order_is_worth_today() -> None:
    """Half of the order was given back meanwhile: 5.00 of 10.00; all of it: there is nothing to restore."""
    world = made()
    reward = rejected(world)
    world.refund("i1", 5_000)
    restore(world, reward)
    restore(world, reward, by=BEN)
    assert world.reward(side="advocate").amount == 500
    world.command(events.RewardsRejected, OWNER, items=world.items(world.rewards()), reason="fraud")
    world.refund("i1", 5_000, refund="r2")
    assert verdict(restore(world, world.reward(side="advocate"))) == "nothing_to_do"


def test_the_budget_is_looked_at_again() -> None:
    """What a rejection gave back to the budget was spent meanwhile: nothing of the list is restored."""
    world = made(budget={"EUR": 1_500})
    reward = rejected(world)
    world.lead("bea", code="ANN")
    world.buy("bea")
    restore(world, reward)
    assert verdict(restore(world, reward, by=BEN)) == "budget_exhausted"
    assert world.reward(friend="bob").status == "rejected"


@pytest.mark.parametrize("status", ["in_review", "reversed"])
def test_only_what_was_rejected_or_has_expired_is_restored(status: str) -> None:
    """A reward in review, or one whose order was given back, stays as it is; so does one that the list says otherwise."""
    world = made(hold="0d")
    world.buy("bob", invoice="i1")
    if status == "reversed":
        world.refund("i1", 10_000)
    assert world.reward(side="advocate").status == status
    assert verdict(restore(world, world.reward(side="advocate"))) == "wrong_state"
    assert verdict(restore(world, world.reward(side="advocate"), list_sha256="0" * 64)) == "item_changed"


def test_what_a_claim_moved_is_not_restored() -> None:
    """The friend is another's by now: their order earns that one."""
    world = made()
    reward = rejected(world)
    world.enrol("amy")
    entered = {"person": "bob", "program": world.program(), "advocates": (("amy", 1, 1),), "lead_at": world.now}
    world.command(events.ClaimEntered, ANNA, reason="x", **entered)
    [claim] = world.claims(status="open")
    world.command(events.ClaimDecided, BEN, claim=claim.id, outcome="won", reason="x")
    assert verdict(restore(world, reward, by=CID)) == "wrong_state"


# --- a suspension -----------------------------------------------------------------------------------------------------


def test_what_a_wrong_suspension_cost_is_decided_again() -> None:
    """An order while suspended is refused; lifted by two people it earns 10.00, and the next one is not the first (finding 23)."""
    world = made()
    suspended(world)
    assert said(world.buy("bob", invoice="i1")) == [("reward", "beneficiary_not_active", "advocate", None)]
    assert verdict(lift(world)) == "second_person_needed"
    assert verdict(lift(world)) == "same_member"
    assert said(lift(world, BEN)) == [("command", "lifted"), ("reward", "earned", "advocate", 1_000)]
    assert said(world.buy("bob", invoice="i2")) == [("reward", "not_first", None, None)]
    [ann] = world.state.all(Advocate)
    assert (ann.status, ann.missed, ann.lifted_by, ann.case) == ("active", (), None, None)


def test_who_lifts_a_suspension_is_told_what_it_does_not_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest refusals are remembered: both words over the lifting say how many older ones stay refused; older logs did not."""
    monkeypatch.setattr(planning, "MOST_MISSED", 2)
    for number, told in ((semantics.CURRENT, [{"orders": 1, "newest": 2}]), (semantics.FORGOTTEN_IS_SAID - 1, [])):
        world = made()
        world.semantics = number
        for friend_ in ("eve", "zoe"):
            world.lead(friend_, code="ANN")
        suspended(world)
        for friend_ in ("bob", "eve", "zoe"):
            world.buy(friend_)
        for by in (ANNA, BEN):
            steps = lift(world, by).verdicts[0].steps
            assert [step.values for step in steps if step.code == "forgotten"] == told
        assert {reward.friend for reward in world.rewards()} == {"eve", "zoe"}
        assert [each.forgotten for each in world.state.all(Advocate)] == [0]


def test_the_friend_keeps_what_they_earned_meanwhile() -> None:
    """Their side was earned in the suspension and took the place: it is earned once, and the advocate's is added."""
    world = made(rewards=[advocate(percent="10"), friend(flat={"EUR": 500})])
    suspended(world)
    world.buy("bob", invoice="i1")
    lift(world)
    assert said(lift(world, BEN)) == [("command", "lifted"), ("reward", "earned", "advocate", 1_000)]
    assert {(r.side, r.amount) for r in world.rewards()} == {("friend", 500), ("advocate", 1_000)}


def test_leads_that_a_wrong_suspension_kept_out_are_decided_again() -> None:
    """A lead by a typed code and one by a click, refused while suspended, bind when it is lifted, and what was bought since earns."""
    world = made()
    suspended(world)
    world.click("ANN", "v1")
    assert said(world.lead("bea", visitor="v1")) == [("attribution", "advocate_not_active")]
    assert said(world.lead("cat", code="ANN")) == [("attribution", "advocate_not_active")]
    world.buy("cat")
    lift(world)
    outcomes = said(lift(world, BEN))
    assert outcomes.count(("attribution", "attributed")) == 2
    assert ("reward", "earned", "advocate", 1_000) in outcomes


def test_the_case_of_a_wrong_suspension_is_closed() -> None:
    """What was in review before it waits for it no longer."""
    world = made()
    world.buy("bob", invoice="i1")
    suspended(world)
    assert world.reward(side="advocate").cases
    lift(world)
    lift(world, BEN)
    assert [case.outcome for case in world.cases()] == ["cleared"]
    assert world.reward(side="advocate").cases == ()


def test_who_is_resumed_from_outside_is_so_from_now_on() -> None:
    """What was refused in the suspension stays refused; as it took no place, the next order is the first."""
    world = made()
    suspended(world)
    world.buy("bob", invoice="i1")
    world.send(events.AdvocateResumed, person="ann", program=world.program())
    assert said(world.buy("bob", invoice="i2")) == [("reward", "earned", "advocate", 1_000)]
    assert verdict(lift(world)) == "wrong_state"
    assert (
        verdict(world.command(events.SuspensionLifted, person="nobody", program=world.program(), reason="x"))
        == "not_found"
    )


def test_the_first_behaviour_remembered_nothing() -> None:
    """Under it a refused side took the place, and nobody was noted to have rejected: decided so again."""
    world = made()
    world.semantics = semantics.PUT_RIGHT - 1
    suspended(world)
    world.buy("bob", invoice="i1")
    [ann] = world.state.all(Advocate)
    assert (ann.missed, ann.case) == ((), None)
    world.send(events.AdvocateResumed, person="ann", program=world.program())
    assert said(world.buy("bob", invoice="i2")) == [("reward", "not_first", None, None)]
    other = made()
    other.semantics = semantics.PUT_RIGHT - 1
    assert rejected(other).acts == ()
