"""A rule enrols customers by what they order, if they agreed; it says why where they did not, and moves nothing else."""

from typing import Any

import pytest
from testkit.world import World, said
from tests.core.test_loading import decided_on_parts

from goodword.core import entry, events
from goodword.core.decision import Decision
from goodword.core.state import Advocate, Code

ENROLLED = ("enrolment", "enrolled")
LACKS = ("enrolment", "consent_to_join_missing")


def made(**enrol: Any) -> World:
    world = World()
    world.publish(enrol=enrol)
    return world


def agree(world: World, outcome: str = "given", **more: Any) -> Decision:
    """Zoe says whether she takes part."""
    return world.send(events.ConsentRecorded, person="zoe", purpose="advocate", outcome=outcome, **more)


def orders(world: World, number: int, **more: Any) -> Decision:
    return world.buy("zoe", invoice=f"zoe-{number}", **more)


def _on_parts(world: World) -> None:
    """What is loaded is all that is looked at, entry by entry and in one batch."""
    for parted in (True, False):
        decided_on_parts([entry.asked(leaf) for leaf in world.leaves], parted=parted)


def last(decision: Decision) -> tuple[Any, ...]:
    return said(decision)[-1]


def test_who_agreed_is_enrolled_by_their_order_once() -> None:
    """With a code of their own, which brings friends as any; the order earns nobody anything by it."""
    world = made()
    agree(world)
    first = orders(world, 1)
    assert last(first) == ENROLLED
    assert [step.code for step in first.verdicts[-1].steps] == ["enrolled_by", "code"]
    assert last(orders(world, 2)) != ENROLLED
    _on_parts(world)
    [zoe] = world.state.all(Advocate)
    assert [(code.person, code.id) for code in world.state.all(Code)] == [("zoe", zoe.codes[0])]
    assert last(world.lead("bob", code=zoe.codes[0])) == ("attribution", "attributed")


def test_without_the_consent_it_is_said_and_the_consent_enrols_later() -> None:
    """Also one that was taken back, or has ended; agreeing then is enough, for the order was there."""
    world = made()
    assert last(orders(world, 1)) == LACKS
    agree(world, "revoked")
    assert last(orders(world, 2)) == LACKS
    agree(world, until=world.now - 1)
    assert list(world.state.all(Advocate)) == []
    assert last(agree(world)) == ENROLLED
    _on_parts(world)


def test_consent_alone_enrols_nobody_and_one_for_something_else_nothing() -> None:
    world = made()
    assert said(agree(world)) == [("event", "recorded")]
    other = world.send(events.ConsentRecorded, person="amy", purpose="newsletter", outcome="given")
    assert said(other) == [("event", "recorded")]
    assert last(world.buy("amy")) == LACKS


def test_the_third_order_enrols_and_what_was_given_back_is_none() -> None:
    world = made(nth=3)
    agree(world)
    assert ENROLLED not in said(orders(world, 1))
    assert ENROLLED not in said(orders(world, 2))
    world.refund("zoe-2", 10_000)
    assert ENROLLED not in said(orders(world, 3))
    assert last(orders(world, 4)) == ENROLLED
    _on_parts(world)


@pytest.mark.parametrize(("country", "enrolled"), [("DE", True), ("FR", False)])
def test_orders_meet_the_conditions(country: str, enrolled: bool) -> None:
    """A segment is a trait or a country; who does not meet it is told nothing."""
    world = made(conditions=[{"kind": "country", "any_of": ["DE"]}, {"kind": "trait", "name": "club", "equals": True}])
    agree(world)
    world.send(events.CustomerUpdated, person="zoe", traits={"club": True})
    assert (last(orders(world, 1, country=country)) == ENROLLED) is enrolled


def test_other_orders_other_programs_and_rules_without_it_enrol_nobody() -> None:
    """Another name, a program that is paused, an order that is open, and rules as they were."""
    world = made(on="subscription")
    agree(world)
    assert ENROLLED not in said(orders(world, 1))
    paused = made()
    agree(paused)
    paused.command(events.ProgramMoved, program=paused.program(), to="paused")
    assert ENROLLED not in said(orders(paused, 1))
    open_ = made()
    agree(open_)
    assert ENROLLED not in said(orders(open_, 1, status="open"))
    plain = World()
    plain.publish()
    agree(plain)
    assert "enrolment" not in {it[0] for it in said(orders(plain, 1))}
