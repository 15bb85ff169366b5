"""Programs: versions of their rules go live, until the program is ended."""

from testkit.stories import world
from testkit.world import World, advocate, rules, said

from goodword.core import events
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
