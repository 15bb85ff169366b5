"""In which order what is in review asks for somebody: caps, the promise, and that age wins in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.tables import rows
from testkit.world import World, advocate

from goodword.core import calendar, priority
from goodword.core.priority import Class
from goodword.core.state import Reward

CLASSES = st.builds(Class, risk=st.integers(0, 3), bucket=st.integers(0, 3), promise=st.integers(0, 366))
DAYS = st.integers(-1, 800)
NOW = 2_000 * calendar.DAY


@pytest.mark.parametrize(("what", "its", "days", "points"), rows(__file__, "Points"))
def test_case(what: str, its: list[int], days: int, points: int) -> None:
    """A reward of this class that has waited so long has so many points."""
    assert priority.points(Class(*its), days) == points, what


@given(CLASSES, DAYS)
def test_a_further_day_never_makes_it_wait_longer(its: Class, days: int) -> None:
    """Whoever waits another day stands no further behind."""
    assert priority.points(its, days) <= priority.points(its, days + 1)


@given(CLASSES, CLASSES)
def test_age_wins_in_the_end(old: Class, young: Class) -> None:
    """Whatever else is said of both: who has waited 60 days comes before who came today."""
    assert priority.points(old, 60) > priority.points(young, 0)


@given(CLASSES, DAYS.filter(lambda days: days >= 0), st.integers(0, calendar.DAY - 1), st.integers(0, 200))
def test_where_a_class_falls_to_some_points_is_found(its: Class, days: int, more: int, most: int) -> None:
    """Whatever began at or after that place has at most so many points now, and nothing before it has."""
    at = NOW - days * calendar.DAY - more
    found = priority.begins(its, most, NOW)
    assert (found is not None and at >= found) == (priority.points(its, priority.days_of(at, NOW)) <= most)


@given(
    amount=st.integers(0, 10**9),
    risk=st.integers(0, 3),
    waited=st.integers(0, 100),
    promise=st.integers(0, 30),
    known=st.booleans(),
)
def test_the_parts_add_up(amount: int, risk: int, waited: int, promise: int, *, known: bool) -> None:
    """What is shown of a sum is all of it, the heaviest part first."""
    made = World(checked=False)
    made.publish(rewards=[advocate(percent="10")])
    made.referred()
    began = NOW - waited * calendar.DAY
    changes = {"amount": amount, "risk": risk, "hold_until": began}
    if known:
        changes |= {"reviewed_at": began, "decide_by": began + promise * calendar.DAY}
    reward = Reward(**{name: getattr(made.reward(), name) for name in Reward.__struct_fields__} | changes)
    parts = priority.parts(reward, NOW)
    assert sum(part.points for part in parts) == priority.total(reward, NOW)
    assert [part.points for part in parts] == sorted((part.points for part in parts), reverse=True)
