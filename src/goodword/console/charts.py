"""Charts as points on a field of 256 by 80, which is as wide as its card; templates make the SVG. Must not know: what is counted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

#: Of the field that the lines are drawn on; the words stand above and beneath it.
WIDTH, HEIGHT = 256, 80
_TOP, _BASE = 0, HEIGHT


class Lines(Struct, frozen=True):
    """Two series as lines: ``now`` and ``before`` as the points of a polyline, and where each ends."""

    now: str
    before: str
    now_end: tuple[int, int]
    before_end: tuple[int, int]


def lines(now: Sequence[int], before: Sequence[int]) -> Lines:
    """Return two series that begin together, on one scale from zero or from what lies below it. Each has one value at least."""
    low, high = min(0, *now, *before), max(1, *now, *before)
    length = max(len(now), len(before)) - 1

    def points(series: Sequence[int]) -> list[tuple[int, int]]:
        return [
            (WIDTH * place // max(1, length), _BASE - (_BASE - _TOP) * (value - low) // (high - low))
            for place, value in enumerate(series)
        ]

    drawn, past = points(now), points(before)
    return Lines(_text(drawn), _text(past), drawn[-1], past[-1])


def _text(points: Sequence[tuple[int, int]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
