"""Time as the product counts it: integer microseconds since 1970-01-01T00:00:00Z, half-open intervals.

Calendar periods and months are those of a program's time zone; a day is not always 24 hours there.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
QUARTER_HOUR = 15 * MINUTE  # the days of all zones begin with one, since 1980
HOUR = 60 * MINUTE
DAY = 24 * HOUR
#: Clocks of two machines may differ by this much before it means something.
CLOCK_DIFFERENCE = 5 * MINUTE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DURATION = re.compile(r"([1-9][0-9]{0,5}|0)(m|h|d)")
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
_SATURDAY = 5  # as ``weekday`` counts

PERIODS = ("day", "week", "month", "quarter", "year", "ever")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def instant(moment: datetime) -> int:
    """Microseconds since the epoch of an aware datetime. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time needs a zone")
    return (moment - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return _EPOCH + at * _MICROSECOND


def text(at: int) -> str:
    """RFC 3339 in UTC with ``Z``; fractions only where there are any."""
    return moment(at).isoformat().replace("+00:00", "Z")


def parse(value: str) -> int:
    """The instant of an RFC 3339 text. Raises ValueError."""
    return instant(datetime.fromisoformat(value))


@lru_cache(maxsize=1024)
def duration(value: str) -> int:
    """Microseconds of ``30d``, ``24h`` or ``15m``. Raises ValueError. A ``d`` is 24 hours."""
    match = _DURATION.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is no duration: write a whole number and d, h or m, such as 30d")
    return int(match[1]) * _UNITS[match[2]]


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone. Raises ValueError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/Berlin") from error


def day(at: int, zone_name: str) -> str:
    """The calendar day that holds ``at`` in that zone, ``2011-03-27``; as text days are in order of time."""
    return utc_day(at) if zone_name == "UTC" else _local_day(at // SECOND, zone_name)


@lru_cache(maxsize=4096)  # one event asks several times for the same
def _local_day(second: int, zone_name: str) -> str:
    return datetime.fromtimestamp(second, zone(zone_name)).date().isoformat()


def period(at: int, kind: str, zone_name: str) -> str:
    """The calendar period (of PERIODS) that holds ``at`` in that zone, as a sortable text such as ``2011-03``."""
    return "ever" if kind == "ever" else _period(day(at, zone_name), kind)


@lru_cache(maxsize=4096)
def _period(day: str, kind: str) -> str:
    year, month = day[:-6], int(day[-5:-3])
    if kind == "day":
        return day
    if kind == "week":
        iso = date.fromisoformat(day).isocalendar()
        return f"{iso.year:04d}-W{iso.week:02d}"
    if kind == "month":
        return f"{year}-{month:02d}"
    if kind == "quarter":
        return f"{year}-Q{(month + 2) // 3}"
    if kind == "year":
        return year
    raise ValueError(f"{kind!r} is no period")


def days(at: int, kind: str, zone_name: str) -> tuple[str, str, tuple[str, ...]]:
    """The period (but ``ever``) that holds ``at`` in that zone: its first and last day, and the months that have days in it.

    The last day of a month is its 31st here, whether there is one or not.
    """
    return _days(day(at, zone_name), kind)


@lru_cache(maxsize=4096)
def _days(day: str, kind: str) -> tuple[str, str, tuple[str, ...]]:
    if kind in _MONTHS:
        year, month = day[:-6], int(day[-5:-3])
        first = month - (month - 1) % _MONTHS[kind]
        months = tuple(f"{year}-{first + n:02d}" for n in range(_MONTHS[kind]))
        return f"{months[0]}-01", f"{months[-1]}-31", months
    if kind == "day":
        return day, day, (day[:-3],)
    if kind == "week":
        monday = date.fromisoformat(day)
        monday -= timedelta(days=monday.weekday())
        begin, end = monday.isoformat(), (monday + timedelta(days=6)).isoformat()
        return begin, end, tuple(sorted({begin[:-3], end[:-3]}))
    raise ValueError(f"{kind!r} is no period of days")


def add_months(at: int, months: int, zone_name: str) -> int:
    """The same wall-clock time ``months`` later; a day that the month lacks becomes its last (31 January + 1: 28 or 29)."""
    local = moment(at).astimezone(zone(zone_name))
    year, month0 = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, last_day(year, month0 + 1))
    return instant(local.replace(year=year, month=month0 + 1, day=day))


def month_end_plus(at: int, days: int, zone_name: str) -> int:
    """Start of the day ``days`` after the last day of the month of ``at``: NET-15 is ``days=15``."""
    local = moment(at).astimezone(zone(zone_name))
    due = date(local.year, local.month, last_day(local.year, local.month)) + timedelta(days=days)
    return instant(datetime(due.year, due.month, due.day, tzinfo=zone(zone_name)))


def working_days(at: int, days: int, zone_name: str) -> int:
    """The same wall-clock time ``days`` working days later: Monday to Friday in that zone, for holidays are not known."""
    local = moment(at).astimezone(zone(zone_name))
    while days:
        local += timedelta(days=1)
        days -= local.weekday() < _SATURDAY
    return instant(local)


def week_end_plus(at: int, days: int, zone_name: str) -> int:
    """Start of the day ``days`` after the Sunday of the week of ``at``; with ``days=1`` the Monday that follows."""
    local = moment(at).astimezone(zone(zone_name)).date()
    due = local + timedelta(days=6 - local.weekday() + days)
    return instant(datetime(due.year, due.month, due.day, tzinfo=zone(zone_name)))


def utc_day(at: int) -> str:
    """The UTC calendar day of an instant, ``2011-03-27``: the period of approval limits."""
    return _utc_day(at // DAY)


@lru_cache(maxsize=4096)
def _utc_day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).date().isoformat()


def days_between(begin: str, end: str) -> list[str]:
    """The days from ``begin`` up to, and without, ``end``, as ``day`` names them. Raises ValueError."""
    first, behind = date.fromisoformat(begin), date.fromisoformat(end)
    return [(first + timedelta(days=n)).isoformat() for n in range((behind - first).days)]


def iso_day(text: str) -> str:
    """A day as ``day`` names it, whichever way of ISO 8601 it is said in, such as 20110327. Raises ValueError."""
    return date.fromisoformat(text).isoformat()


def days_apart(begin: str, end: str) -> int:
    """How many days ``days_between`` would give, below nought where they are in the wrong order. Raises ValueError."""
    return (date.fromisoformat(end) - date.fromisoformat(begin)).days


def utc_slot(at: int) -> str:
    """The quarter of an hour in UTC that holds ``at``, ``2011-03-27T00:15``; as text slots are in order of time."""
    return _utc_slot(at // QUARTER_HOUR)


@lru_cache(maxsize=4096)
def _utc_slot(number: int) -> str:
    return (_EPOCH + timedelta(minutes=15 * number)).isoformat(timespec="minutes")[:-6]


def day_begins(day: str, zone_name: str) -> int:
    """When a day such as 2011-03-27 begins in that zone, also where its midnight is left out or comes twice. Raises ValueError."""
    return hour_begins(day, 0, zone_name)


def hour_begins(day: str, hour: int, zone_name: str) -> int:
    """When an hour of a day begins in that zone: the first of two; as long after midnight where it is left out. Raises ValueError."""
    return instant(datetime.fromisoformat(day).replace(hour=hour, tzinfo=zone(zone_name)))


def last_day(year: int, month: int) -> int:
    """The number of the last day of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day
