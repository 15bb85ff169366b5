"""Who may enrol themselves, and which terms an advocate accepted: decided by the rules that hold."""

from typing import Any

import pytest
from testkit.world import World, said

from goodword.core import events
from goodword.core.decision import Decision
from goodword.core.state import Advocate

OPEN = {"join": "open"}


def made(**sharing: str) -> World:
    world = World()
    world.publish(sharing=sharing)
    return world


def join(world: World, person: str = "zoe", **more: Any) -> Decision:
    """Somebody enrols themselves at the portal."""
    return world.send(events.AdvocateEnrolled, person=person, source="portal", **more)


def test_rules_that_do_not_say_so_let_nobody_join() -> None:
    """What the company enrols is none of it."""
    world = made()
    assert said(join(world)) == [("event", "join_closed")]
    assert said(world.enrol("ann")) == [("event", "enrolled")]
    assert said(join(world, "ann")) == [("event", "already_enrolled")]


def test_where_anybody_may_join_a_code_is_made() -> None:
    world = made(**OPEN)
    assert said(join(world)) == [("event", "enrolled")]
    assert said(join(world)) == [("event", "already_enrolled")]
    [advocate] = world.state.all(Advocate)
    assert len(advocate.codes) == 1


@pytest.mark.parametrize("how", ["order", "known"])
def test_customers_may_join_where_nobody_else_may(how: str) -> None:
    """Who ordered before, or was known before; an order of later makes nobody a customer of before."""
    world = made(**OPEN, joiners="customers")
    assert said(join(world)) == [("event", "not_a_customer")]
    if how == "order":
        world.buy("zoe")
    else:
        world.send(events.CustomerKnown, person="zoe", since=world.now - 1)
    world.tick(world.now + 600_000_000)
    assert said(join(world)) == [("event", "enrolled")]


def test_nobody_joins_a_program_that_is_paused() -> None:
    world = made(**OPEN)
    world.command(events.ProgramMoved, program=world.program(), to="paused")
    assert said(join(world, program=world.program())) == [("event", "program_not_active")]


def test_an_advocate_remembers_the_version_that_they_accepted() -> None:
    """The one that held when they did: a later one is accepted by a verdict of its own, and enrols nobody anew."""
    world = World()
    world.publish(requires_terms=True)
    first = world.newest(world.program())
    assert said(world.enrol("ann", accepted_terms=True)) == [("event", "enrolled")]
    [ann] = world.state.all(Advocate)
    assert ann.accepted == first
    world.tick(world.now + 1_000_000)
    world.publish(requires_terms=True, hold="15d")
    world.tick(world.now + 1_000_000)
    accepted = join(world, "ann", accepted_terms=True, terms="a" * 64)
    assert said(accepted) == [("event", "terms_accepted")]
    [step] = accepted.verdicts[0].steps
    assert step.values == {"code": "ANN", "terms": "a" * 64, "rules": world.newest(world.program())}
    [ann] = world.state.all(Advocate)
    assert (ann.accepted, ann.terms, ann.codes) == (world.newest(world.program()), True, ("ANN",))
    assert ann.accepted != first
