"""Which countries SEPA has, and on which days banks settle: dated lists of our own.

Libraries for IBANs are late with the first (five countries of 2025 and 2026 are missing in those that were run), so each line has its
day. Must not know: payouts, formats.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
#: Beginning of an IBAN -> the day since which payments reach SEPA's schemes there; as the European Payments Council's list of countries
#: and its news had it on 2026-11-30. Guernsey, Jersey and Man have IBANs of GB; French territories those of FR; Aland those of FI.
SEPA: Final[dict[str, date]] = {
    **dict.fromkeys([*_EU.split(), "IS", "LI", "NO", "CH", "MC", "GB", "GI"], date(2014, 2, 1)),
    "SM": date(2014, 2, 1),
    "AD": date(2019, 3, 1),
    "VA": date(2019, 3, 1),
    "AL": date(2025, 10, 5),
    "ME": date(2025, 10, 5),
    "MD": date(2025, 10, 5),
    "MK": date(2025, 10, 5),
    "RS": date(2026, 5, 5),
}

_SATURDAY, _SUNDAY = 5, 6
_FURTHEST = 366  # days: no two closed days lie so far apart that a day is not found long before


def in_sepa(iban: str, day: date) -> bool:
    """Return whether an IBAN's country belongs to SEPA on a day."""
    since = SEPA.get(iban[:2])
    return since is not None and since <= day


@lru_cache(maxsize=16)
def _easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    left = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * left) // 433
    month = (h + left - 7 * m + 90) // 25
    return date(year, month, (h + left - 7 * m + 33 * month + 19) % 32)


def target(day: date) -> bool:
    """Return whether the Eurosystem settles on a day (TARGET's calendar)."""
    easter = _easter(day.year)
    closed = {(1, 1), (5, 1), (12, 25), (12, 26)}
    near = {easter - timedelta(2), easter + timedelta(1)}
    return day.weekday() < _SATURDAY and (day.month, day.day) not in closed and day not in near


def federal_reserve(day: date) -> bool:
    """Return whether the Federal Reserve settles on a day; a holiday on a Sunday is kept on Monday, one on a Saturday is not."""
    return day.weekday() < _SATURDAY and not _holiday(day) and not (day.weekday() == 0 and _fixed(day - timedelta(1)))


def _fixed(day: date) -> bool:
    return (day.month, day.day) in {(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)}


def _holiday(day: date) -> bool:
    monday = day.weekday() == 0
    nth = (day.day - 1) // 7 + 1
    last = (day + timedelta(7)).month != day.month
    return (
        _fixed(day)
        or (monday and (day.month, nth) in {(1, 3), (2, 3), (9, 1), (10, 2)})
        or (monday and day.month == 5 and last)  # noqa: PLR2004 - May
        or (day.weekday() == 3 and (day.month, nth) == (11, 4))  # noqa: PLR2004 - a Thursday
    )


def next_open(day: date, is_open: Callable[[date], bool]) -> date:
    """Return the first day from this one on, on which banks settle."""
    return next(found for n in range(_FURTHEST) if is_open(found := day + timedelta(n)))
