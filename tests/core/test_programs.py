"""Programs: versions of their rules go live, until the program is ended."""

import pytest
from testkit.stories import world
from testkit.world import World, advocate, rules, said

from goodword.core import events, semantics
from goodword.core.state import Program


def program(made: World) -> Program:
    (found,) = made.state.all(Program)
    return found


def test_an_ended_program_gets_no_further_rules() -> None:
    """Rules for a program that was ended are refused: it has the versions that it had, and stays ended."""
    made = world()
    before = program(made)
    made.command(events.ProgramMoved, to="ended", program=before.id)
    made.publish(rules(rewards=[advocate(flat={"EUR": 1})]))
    decision = made.log[-1][2]
    assert said(decision) == [("command", "program_ended")]
    assert (decision.puts, decision.rules) == ({}, ())
    assert (program(made).status, program(made).versions) == ("ended", before.versions)


def test_a_paused_program_gets_rules_and_stays_paused() -> None:
    """What is only paused may be given the rules under which it goes on."""
    made = world()
    before = program(made)
    made.command(events.ProgramMoved, to="paused", program=before.id)
    made.publish(rules(rewards=[advocate(flat={"EUR": 1})]))
    assert said(made.log[-1][2]) == [("command", "published")]
    assert (program(made).status, len(program(made).versions)) == ("paused", 2)


def made_late(to: str) -> World:
    """A workspace in which ann is an advocate; her program was moved on the 4th, and it is the 5th."""
    made = World()
    made.publish()
    made.enrol("ann")
    made.click("ANN", "v1", when="01-02")
    made.tick("01-04")
    made.command(events.ProgramMoved, to=to, program=made.program())
    made.tick("01-05")
    return made


@pytest.mark.parametrize("to", ["paused", "ended"])
def test_a_move_holds_for_what_happens_from_then_on(to: str) -> None:
    """An order of the 3rd that arrives after a pause or end of the 4th earns; one of the 5th does not (finding 6)."""
    made = made_late(to)
    assert said(made.buy("bob", when="01-03", visitor="v1")) == [
        ("attribution", "attributed"),
        ("reward", "earned", "friend", 500),
        ("reward", "earned", "advocate", 1000),
    ]
    assert said(made.buy("eve", when="01-05", visitor="v1")) == [("attribution", "program_not_active")]
    again = said(made.buy("bob", when="01-03T12:00", invoice="bob-0"))
    assert again == [("reward", "not_first", None, None)]


@pytest.mark.parametrize("to", ["paused", "ended"])
def test_the_reason_is_the_program_and_not_that_there_was_no_touch(to: str) -> None:
    """A click whose program takes no referrals any more is told as that, though the lead names no program (finding 31a)."""
    made = made_late(to)
    assert said(made.lead("bob", visitor="v1")) == [("attribution", "program_not_active")]
    assert said(made.lead("eve", visitor="v2")) == [("attribution", "no_touch")]


def test_an_ended_program_pays_for_what_was_before_its_end() -> None:
    """A conversion of before the end that is bound only after it is decided again and earns; one of after it is refused."""
    made = made_late("ended")
    made.buy("bob", when="01-03", visitor="v9", invoice="i1")
    made.buy("bob", when="01-05", invoice="i2")
    found = said(made.lead("bob", when="01-02T12:00", visitor="v1"))
    assert found == [
        ("attribution", "attributed"),
        ("reward", "earned", "friend", 500),
        ("reward", "earned", "advocate", 1000),
        ("reward", "program_ended", None, None),
    ]


def test_what_happened_in_a_pause_brings_nobody() -> None:
    """A touch or lead of a pause counts for nothing, whenever it is told; those around it do."""
    made = made_late("paused")
    made.tick("01-07")
    made.command(events.ProgramMoved, to="active", program=made.program())
    assert [status for _, status in program(made).moves] == ["paused", "active"]
    made.click("ANN", "v2", when="01-05")
    made.tick("01-08")
    assert said(made.lead("cas", visitor="v2")) == [("attribution", "program_not_active")]
    assert said(made.lead("dan", when="01-06", visitor="v1")) == [("attribution", "program_not_active")]
    assert said(made.lead("eve", visitor="v1")) == [("attribution", "attributed")]


def test_who_enrolled_before_a_pause_is_enrolled() -> None:
    """An enrolment without a program finds the one that was active then."""
    made = made_late("paused")
    assert said(made.enrol("amy", when="01-03")) == [("event", "enrolled")]
    assert said(made.enrol("cyd")) == [("event", "program_required")]


def test_the_first_behaviour_looked_at_the_program_of_today() -> None:
    """What was decided under it is decided so again: the order of the 3rd falls to the end of the 4th."""
    made = made_late("ended")
    made.semantics = semantics.MOVES_HOLD_FROM_THEN - 1
    assert said(made.buy("bob", when="01-03", visitor="v1")) == [("attribution", "no_touch")]
    assert said(made.buy("eve", when="01-03", code="ANN")) == [("attribution", "program_not_active")]
