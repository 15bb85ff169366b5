"""Badges of an advocate in a program: what they reached, by the counters that decide anyway. A view: nothing is decided by one.

Two kinds: ``counted``, so many orders of friends for which they earn, and ``steady``, so many months in a row with one. Of steadiness
the longest row counts, so that a pause takes nothing away; what a refund takes back counts no more, here as everywhere. Must not know:
how a badge is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from goodword.core import calendar
from goodword.core.draft import Draft
from goodword.core.rules import Rules
from goodword.core.stages import limits

#: Orders that counted, and months in a row.
STEPS: Final = (1, 5, 10, 25, 50, 100, 250, 500, 1_000)
ROWS: Final = (3, 6, 12, 24)
#: Months that are looked at: what was longer ago is not.
MONTHS: Final = 60


class Badge(NamedTuple):
    """A badge. ``number``: of orders, or of months in a row."""

    kind: Literal["counted", "steady"]
    number: int


def periods(rules: Rules, since: int, now: int) -> tuple[str, ...]:
    """Return the months from one instant to another as counters name them, the oldest first, the newest ``MONTHS`` of them."""
    first, last = (_number(calendar.period(at, "month", rules.timezone)) for at in (min(since, now), now))
    return tuple(f"{n // 12:04}-{n % 12 + 1:02}" for n in range(max(first, last - MONTHS + 1), last + 1))


def of(draft: Draft, program: str, names: tuple[str, ...], rules: Rules, months: tuple[str, ...]) -> tuple[Badge, ...]:
    """Return the highest badge of each kind that somebody has. ``names``: theirs, those before merges included; counters are loaded."""
    counted = limits.kept(draft, program, names[0], "all")
    longest = max(_rows(draft, program, names, rules, months), default=0)
    reached: tuple[tuple[Literal["counted", "steady"], int, tuple[int, ...]], ...] = (
        ("counted", counted, STEPS),
        ("steady", longest, ROWS),
    )
    return tuple(Badge(kind, max(it for it in steps if it <= has)) for kind, has, steps in reached if has >= steps[0])


def kinds(rules: Rules) -> set[str]:
    """Return the kinds of counters that a program's advocates have."""
    return {limits.kind_of(it.on, one) for it in rules.conversions for one in it.rewards if one.side == "advocate"}


def _rows(draft: Draft, program: str, names: tuple[str, ...], rules: Rules, months: tuple[str, ...]) -> Iterator[int]:
    row, counted = 0, [(name, kind) for name in names for kind in kinds(rules)]
    for month in months:
        used = any(limits.counter(draft, (program, name, kind, month)).count for name, kind in counted)
        row = row + 1 if used else 0
        yield row


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
