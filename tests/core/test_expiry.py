"""A reward expires when its present stay in review is over, and a stay begins when somebody could first act on it."""

import pytest
from testkit.world import World, advocate, at, said, short

from goodword.core import calendar, events, semantics
from goodword.core.state import Reward

DAY = calendar.DAY


def made(**parts: object) -> World:
    """A workspace whose rewards of ten per cent for the advocate expire; ann is one."""
    world = World()
    world.publish(**{"hold": "1d", "expires_after": "30d", "rewards": [advocate(percent="10")], **parts})
    world.enrol("ann")
    return world


def ends(world: World) -> list[tuple[str, int]]:
    """What became of the reward at its timers: outcome and when."""
    return [
        (decision.verdicts[0].outcome, event.due_at)
        for event, _, decision in world.log
        if isinstance(event, events.TimerDue) and event.kind == "expire"
    ]


def only(world: World) -> Reward:
    """The reward."""
    return world.reward(side="advocate")


def won(world: World) -> None:
    """Claim that ann brought bob in January, now, and decide it."""
    world.command(
        events.ClaimEntered,
        person="bob",
        program=world.program(),
        advocates=(("ann", 1, 1),),
        lead_at=at("01-02"),
        reason="x",
    )
    [claim] = world.claims(status="open")
    world.command(events.ClaimDecided, claim=claim.id, outcome="won", reason="x")


def test_a_reward_of_a_claim_won_late_can_be_approved() -> None:
    """Hold over on 1 February, claim won on 1 June: it expires 60 days after that, on 31 July, and not at once (finding 4)."""
    world = made(hold="30d", expires_after="60d")
    world.lead("bob", code="WRONG")
    world.buy("bob", when="01-02")
    world.tick("06-01")
    won(world)
    world.tick(world.now + 1)
    assert (only(world).status, only(world).amount, only(world).expires_at) == ("in_review", 1_000, at("07-31"))
    world.tick("07-30")
    assert only(world).status == "in_review"
    world.tick("08-01")
    assert (only(world).status, only(world).amount, only(world).expires_at) == ("expired", 0, None)


def test_an_order_that_arrives_late_has_its_time() -> None:
    """An order of a month ago whose hold and time would be over has all of its time, and is told until when (finding 4)."""
    world = made(hold="1d", expires_after="30d")
    world.lead("bob", code="ANN")
    world.tick("03-01")
    decision = world.buy("bob", when="01-15")
    assert said(decision) == [("reward", "earned", "advocate", 1_000)]
    assert [dict(step.values) for step in decision.verdicts[0].steps if step.code == "expires"] == [{"at": at("03-31")}]
    world.tick("03-30")
    assert only(world).status == "in_review"
    world.tick("03-31")
    assert only(world).status == "expired"


def test_an_old_timer_ends_no_later_stay() -> None:
    """Approved in time and back in review on 31 January: it expires on 1 March, and not on the day of its first stay (finding 5)."""
    world = made()
    world.lead("bob", code="ANN")
    world.buy("bob", when="01-02")
    world.tick("01-03")
    world.approved(side="advocate")
    assert only(world).expires_at is None
    world.tick("01-31")
    world.payee("ann", "other")
    world.tick("02-29")
    assert (only(world).status, only(world).expires_at) == ("in_review", at("03-01"))
    assert ends(world) == [("nothing_to_do", at("02-02"))]
    world.tick("03-01")
    assert (only(world).status, ends(world)[-1]) == ("expired", ("expired", at("03-01")))


@pytest.mark.parametrize("closed", ["01-20", "03-20"])
def test_a_stay_begins_when_its_last_case_is_closed(closed: str) -> None:
    """While a case is open nobody can approve, so its closing begins the stay anew; the timer meanwhile does nothing."""
    world = made()
    world.lead("bob", code="ANN")
    world.buy("bob", when="01-02")
    world.tick("01-05")
    for chargeback in ("c1", "c2"):
        world.send(events.ChargebackOpened, invoice="bob-1", chargeback=chargeback)
    world.tick(closed)
    world.send(events.ChargebackClosed, invoice="bob-1", chargeback="c1", outcome="kept")
    before = ends(world)
    world.tick(world.now + 40 * DAY)
    assert (only(world).status, {outcome for outcome, _ in ends(world)}) == ("in_review", {"case_open"})
    assert len(ends(world)) == max(1, len(before))
    world.send(events.ChargebackClosed, invoice="bob-1", chargeback="c2", outcome="kept")
    assert only(world).expires_at == world.now + 30 * DAY
    world.tick(world.now + 30 * DAY)
    assert only(world).status == "expired"


def test_what_is_not_in_review_has_no_end() -> None:
    """Approved, rejected, expired or reversed: no instant is left at which it would expire."""
    world = made()
    world.owner()
    for n, name in enumerate(("bob", "bea", "ben", "bud")):
        world.lead(name, code="ANN")
        world.buy(name, when=f"01-0{n + 2}")
    world.tick("01-10")
    assert all(reward.expires_at for reward in world.rewards())
    world.approved(friend="bob")
    world.command(events.RewardsRejected, items=world.items(world.rewards(friend="bea")), reason="x")
    world.refund("ben-1", 10_000)
    world.tick("03-10")
    assert {r.friend: (r.status, r.expires_at) for r in world.rewards()} == {
        "bob": ("approved", None),
        "bea": ("rejected", None),
        "ben": ("reversed", None),
        "bud": ("expired", None),
    }


def test_without_a_time_nothing_expires() -> None:
    """A program that does not say how long lets nothing expire."""
    world = made(expires_after=None)
    world.referred()
    world.tick("2026-01-01")
    assert (only(world).status, only(world).expires_at) == ("in_review", None)


def test_the_first_behaviour_counted_from_the_hold() -> None:
    """Under it the order that arrives late expires at once, the old timer wins, and a case only puts off: decided so again."""
    world = made()
    world.semantics = semantics.EXPIRY_OF_THE_STAY - 1
    world.lead("bob", code="ANN")
    world.tick("03-01")
    late = world.buy("bob", when="01-15").verdicts[0]
    assert short(late) == ("reward", "earned", "advocate", 1_000)
    assert [step.values["expires_after"] for step in late.steps if step.code == "hold"] == ["30d"]
    world.tick(world.now + 1)
    assert only(world).status == "expired"
    again = made()
    again.semantics = semantics.EXPIRY_OF_THE_STAY - 1
    again.lead("bob", code="ANN")
    again.buy("bob", when="01-02")
    again.tick("01-03")
    again.approved(side="advocate")
    again.tick("01-31")
    again.payee("ann", "other")
    again.tick("02-02")
    assert only(again).status == "expired"
