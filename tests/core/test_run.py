"""The loop: what is due comes first, the instant never falls, and a run goes on where another one ended."""

import pytest
from testkit.stories import tell, world
from testkit.world import at

from goodword.core import events
from goodword.core.facts import Facts
from goodword.core.run import Timed, instant
from goodword.core.state import NOUNS, State, Timer


def test_timers_come_before_the_event_that_is_behind_them() -> None:
    """Given only what came from outside, a run gives the workspace that it gave: timers fire by themselves, once, in order."""
    made = world(hold="7d", expires_after="10d")
    tell(
        made,
        """
        02-01 lead bob code=ANN
        02-01 buy bob 10.00 EUR
        02-05 lead bea code=ANN
        02-05 buy bea 10.00 EUR
        02-08 lead cat code=ANN
        02-12 lead ben code=ANN
        02-20 lead bud code=ANN
        """,
    )
    again = Timed(State(complete=True), {})
    for event, facts, _ in made.log:
        if type(event) is not events.TimerDue:
            again.reach(event)
            again.step(event, facts)
    assert (again.position, again.as_of) == (len(made.log), made.as_of)
    for noun in set(NOUNS) - {Timer}:  # whose ids say which event set them: here a timer itself
        assert list(again.state.all(noun)) == list(made.state.all(noun)), noun
    again.fire(made.now)
    assert again.position == len(made.log)


def test_a_timer_that_is_not_there_is_our_own_mistake() -> None:
    """Waking what nobody set raises, and says what it was."""
    with pytest.raises(AssertionError, match=r"^timer tmr_x is due and not there$"):
        Timed(State(complete=True), {}).wake("tmr_x")


def test_a_timer_fires_as_itself() -> None:
    """The event of a timer has the timer's id, happens when it is due, and is told nothing."""
    made = world(hold="7d")
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 10.00 EUR")
    (timer,) = {timer.due_at: timer for timer in made.state.all(Timer) if timer.kind == "hold_over"}.values()
    again, told = Timed(made.state, made.rules, made.position, made.as_of), []
    again.made = lambda entry, _decision: told.append((entry.position, entry.as_of, entry.event, entry.facts))  # type: ignore[method-assign]
    again.set(timer.due_at, timer.id)
    again.fire(timer.due_at - 1)
    assert told == []
    again.fire(timer.due_at)
    ((position, as_of, event, facts),) = told
    assert (position, as_of, facts) == (made.position + 1, timer.due_at, Facts())
    assert (event.evt, event.source, event.occurred_at, event.accepted_at) == (
        timer.id,
        "timer",
        timer.due_at,
        timer.due_at,
    )
    assert (event.timer, event.kind, event.subject) == (timer.id, "hold_over", timer.subject)


@pytest.mark.parametrize(("as_of", "accepted_at", "expected"), [(1, 2, 2), (2, 1, 2), (2, 2, 2)])
def test_the_instant_never_falls(as_of: int, accepted_at: int, expected: int) -> None:
    """An event is decided when it arrived, or when the last one was decided if that is later."""
    assert instant(as_of, accepted_at) == expected
    assert Timed(State(complete=True), {}, 5, at("02-01")).position == 5
