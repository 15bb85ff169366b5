"""Time: half-open windows, calendar periods and months in a program's zone, across the changes of its clocks."""

import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.stories import tell, world
from testkit.tables import rows
from testkit.world import advocate, at

from goodword.core import calendar, events


@pytest.mark.parametrize(("instant", "kind", "zone", "expected"), rows(__file__, "Periods"))
def test_period(instant: str, kind: str, zone: str, expected: str) -> None:
    """An instant lies in the period that a calendar on the wall there shows."""
    assert calendar.period(at(instant), kind, zone) == expected


@pytest.mark.parametrize(("start", "months", "zone", "expected"), rows(__file__, "Months later"))
def test_add_months(start: str, months: int, zone: str, expected: str) -> None:
    """The same wall-clock time months later; a day that is missing there becomes the month's last."""
    assert calendar.text(calendar.add_months(at(start), months, zone)) == calendar.text(at(expected))


@pytest.mark.parametrize(("approved", "zone", "expected"), rows(__file__, "NET-15"))
def test_net_15(approved: str, zone: str, expected: str) -> None:
    """The last day of the month of approval and fifteen days, at the start of that day in the zone."""
    assert calendar.text(calendar.month_end_plus(at(approved), 15, zone)) == calendar.text(at(expected))


@given(st.integers(0, 4_000_000_000_000_000))
def test_text_and_instant_are_one_to_one(instant: int) -> None:
    """What is written is read back, to the microsecond."""
    assert calendar.parse(calendar.text(instant)) == instant


def test_a_monthly_cap_in_another_zone() -> None:
    """In Berlin March begins at 23:00 UTC, April, in summer time, at 22:00."""
    limits = [{"per": "month", "count": 1}]
    tell(
        world(timezone="Europe/Berlin", rewards=[advocate(percent="10", limits=limits)]),
        """
        02-01 lead a code=ANN
        02-01 lead b code=ANN
        02-01 lead c code=ANN
        02-01 lead d code=ANN
        02-29T22:59:59.999999 buy a 10.00 EUR -> ann 1.00 EUR
        02-29T23:00 buy b 10.00 EUR -> ann 1.00 EUR
        03-31T21:59:59.999999 buy c 10.00 EUR -> ann: refused count_cap_reached
        03-31T22:00 buy d 10.00 EUR -> ann 1.00 EUR
        """,
    )


def test_recurring_months_across_the_change_of_clocks() -> None:
    """One month from 1 March noon in Berlin ends at noon on 1 April, an hour earlier in UTC."""
    tell(
        world(timezone="Europe/Berlin", conversion={"counts": {"months": 1}}),
        """
        02-01 lead bob code=ANN
        03-01T11:00 buy bob 10.00 EUR invoice=a -> bob 5.00 EUR; ann 1.00 EUR
        04-01T09:59:59.999999 buy bob 10.00 EUR invoice=b -> bob 5.00 EUR; ann 1.00 EUR
        04-01T10:00 buy bob 10.00 EUR invoice=c -> refused recurring_ended
        """,
    )


def test_a_day_of_a_window_is_24_hours() -> None:
    """Windows and holds count hours, not dates: over the change of clocks too."""
    made = world(timezone="Europe/Berlin", conversion={"window": "1d"})
    tell(
        made,
        """
        03-30T12:00 lead bob code=ANN
        03-31T11:59:59.999999 buy bob 10.00 EUR -> bob 5.00 EUR; ann 1.00 EUR
        03-30T12:00 lead bea code=ANN
        03-31T12:00 buy bea 10.00 EUR -> refused outside_conversion_window
        """,
    )
    assert {reward.hold_until for reward in made.rewards()} == {at("04-30T11:59:59.999999")}


def test_the_hold_ends_at_its_instant() -> None:
    """One microsecond before a reward is pending; at the end of the hold it is in review."""
    made = world(hold="7d")
    made.referred()
    made.tick(made.now + 7 * calendar.DAY - 1)
    assert {reward.status for reward in made.rewards()} == {"pending"}
    made.tick(made.now + 1)
    assert {reward.status for reward in made.rewards()} == {"in_review"}


def test_what_nobody_approves_expires_where_the_program_says_so() -> None:
    """After hold and ``expires_after``; not while a case is open, not when approved."""
    made = world(hold="7d", expires_after="10d", conversion={"counts": {"months": 3}})
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 10.00 EUR invoice=a\n02-01T01:00 buy bob 20.00 EUR invoice=b")
    tell(made, "02-10 chargeback a opened")
    made.tick("2024-02-20")
    assert sorted({(r.conversion, r.status) for r in made.rewards()}) == [("inv:a", "in_review"), ("inv:b", "expired")]


def test_the_time_to_approve_begins_again_after_a_case() -> None:
    """A reward that waited for a case has its whole time from when this is closed, and then it expires."""
    made = world(hold="7d", expires_after="10d")
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 10.00 EUR invoice=a\n02-10 chargeback a opened")
    made.tick("2024-02-18")
    tell(made, "02-21 chargeback a kept")
    made.tick("2024-03-01")
    assert {r.status for r in made.rewards()} == {"in_review"}
    made.tick("2024-03-02")
    assert {r.status for r in made.rewards()} == {"expired"}


def test_the_time_to_approve_begins_again_when_an_approval_is_taken_back() -> None:
    """An approval that is withdrawn after the expiry fell due leaves the whole time for another."""
    made = world(hold="7d", expires_after="10d", rewards=[advocate(percent="10")])
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 10.00 EUR invoice=a")
    made.approved()
    made.tick("2024-02-20")
    made.command(events.ApprovalWithdrawn, items=made.items(made.rewards()), reason="x")
    made.tick(at("2024-02-29T23:00"))
    assert {r.status for r in made.rewards()} == {"in_review"}
    made.tick("2024-03-01")
    assert {r.status for r in made.rewards()} == {"expired"}


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (calendar.SECOND // 2, "1970-01-01T00:00:00.500000Z"),
        (951_782_400 * calendar.SECOND, "2000-02-29T00:00:00Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_is_written_in_utc_with_a_z(instant: int, expected: str) -> None:
    """RFC 3339 with Z for UTC, and a fraction of a second only where there is one."""
    assert calendar.text(instant) == expected


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2024-02-28", "2024-03-01", ["2024-02-28", "2024-02-29"]),
        ("2023-12-31", "2024-01-01", ["2023-12-31"]),
        ("2024-01-01", "2024-01-01", []),
        ("2024-01-02", "2024-01-01", []),
    ],
)
def test_days_are_listed_up_to_the_end_without_it(begin: str, end: str, expected: list[str]) -> None:
    """Each day once, in order, the first with them and the end without; none where the end does not come later."""
    assert calendar.days_between(begin, end) == expected
    assert [calendar.utc_day(at(day)) for day in expected] == expected


@pytest.mark.parametrize("value", ["2024-01-01T00:00", "2024-01-01"])
def test_a_time_without_a_zone_is_no_instant(value: str) -> None:
    """Nobody knows which instant a time without a zone is."""
    with pytest.raises(ValueError, match=r"^a time needs a zone$"):
        calendar.parse(value)


def test_days_of_all_zones_begin_with_a_quarter_of_an_hour() -> None:
    """From 1980 on each day of each zone begins with a slot, so that its figures are sums of slots; each slot is of one day."""
    months = [f"{year}-{month:02d}" for year in (*range(1980, 2000, 3), *range(2000, 2037)) for month in range(1, 13)]
    for zone in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
        begins = [calendar.day_begins(f"{month}-{day}", zone) for month in months for day in ("01", "28")]
        assert not [at for at in begins if at % calendar.QUARTER_HOUR], zone


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-03-01", "UTC", "2026-03-01T00:00:00Z"),
        ("2026-03-01", "Europe/Berlin", "2026-02-28T23:00:00Z"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00:00Z"),
        ("2026-03-01", "Asia/Kathmandu", "2026-02-28T18:15:00Z"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),  # its midnight is left out
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00:00Z"),  # the hour before it comes twice
        ("2025-11-02", "America/Havana", "2025-11-02T04:00:00Z"),  # its midnight comes twice
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),  # the day is left out
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z"),
    ],
)
def test_a_day_begins(day: str, zone: str, begins: str) -> None:
    """The first instant of a day, also where clocks change at midnight: the microsecond before is of another day."""
    at = calendar.day_begins(day, zone)
    assert calendar.text(at) == begins
    assert calendar.day(at - 1, zone) < day <= calendar.day(at, zone)
    assert calendar.utc_slot(at) == begins[:16]
