"""Places on a leaderboard, and the months that it is about."""

from hypothesis import given
from hypothesis import strategies as st

from goodword.core import boards, calendar

INSTANTS = st.integers(calendar.day_begins("1990-01-01", "UTC"), calendar.day_begins("2090-01-01", "UTC"))


@given(st.dictionaries(st.text("abcdef", min_size=1), st.integers(0, 5)))
def test_a_place_says_how_many_have_more_and_who_has_none_has_no_place(counts: dict[str, int]) -> None:
    """Equal counts share a place; the first stand first; nobody is there twice or missing."""
    found = boards.ranked(counts)
    assert {it.person: it.orders for it in found} == {person: count for person, count in counts.items() if count}
    assert [it.rank for it in found] == sorted(it.rank for it in found)
    for it in found:
        assert it.rank == 1 + sum(count > it.orders for count in counts.values())


@given(INSTANTS, st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Apia", "Africa/Cairo"]))
def test_the_months_meet_and_hold_the_instant(now: int, zone: str) -> None:
    """This month holds now, begins where the one before ends, and each is one month of the zone."""
    (begin, end), (before, ended) = boards.months(now, zone)
    assert before < ended == begin <= now < end
    assert calendar.period(begin, "month", zone) == calendar.period(end - 1, "month", zone)
    assert calendar.period(before, "month", zone) == calendar.period(begin - 1, "month", zone)
    for instant, month in ((end, begin), (begin, before)):
        assert calendar.period(instant, "month", zone) != calendar.period(month, "month", zone)
        assert calendar.day(instant, zone).endswith("-01")
