"""Charts as points, drawn at their size, 256 by 124; templates make the SVG of them. Must not know: what is counted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

#: Pixels: of the picture, and of the lines within it: room for words above, for ticks beneath.
WIDTH, HEIGHT = 256, 124
_TOP, _BASE = 24, 104


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
