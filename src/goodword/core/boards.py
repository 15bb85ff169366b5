"""The leaderboard of a program: who agreed to stand on it, by how many orders of friends were approved in a calendar month.

What was taken back since counts no more, who has as many has the same place, and who has none has no place. A view: no reward depends
on one. Must not know: names, consents, how one is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from goodword.core import calendar

#: The states of a reward that is approved and was not taken back.
STANDS: Final = ("approved", "processing", "paid")


class Place(NamedTuple):
    """A place: 1 is the first. ``orders``: how many."""

    rank: int
    person: str
    orders: int


def ranked(counts: Mapping[str, int]) -> list[Place]:
    """Return the places of these people, the first first: equal counts share a place, and as many places behind it are left out."""
    places = list[Place]()
    for n, (person, count) in enumerate(sorted(counts.items(), key=lambda it: (-it[1], it[0])), 1):
        if count > 0:
            same = bool(places) and places[-1].orders == count
            places.append(Place(places[-1].rank if same else n, person, count))
    return places


def months(now: int, zone: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the calendar month of a zone that holds an instant, and the one before it, each from its begin up to its end."""
    begin = calendar.day_begins(f"{calendar.day(now, zone)[:7]}-01", zone)
    before = calendar.day_begins(f"{calendar.day(begin - 1, zone)[:7]}-01", zone)
    return (begin, calendar.month_end_plus(begin, 1, zone)), (before, begin)
