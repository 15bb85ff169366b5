"""The picture of an address as one path of an SVG, which takes the colours of the page. Must not know: what the address is for."""

from __future__ import annotations

from msgspec import Struct
from segno import make

_QUIET = 4  # modules around it that stay light


class Picture(Struct, frozen=True):
    """``size``: modules of a side, with the light ones around; ``path``: what is dark."""

    size: int
    path: str


def picture(address: str) -> Picture:
    """Return the picture of an address."""
    rows = [*make(address, error="m", micro=False).matrix]
    dark = [f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for y, row in enumerate(rows) for x, bit in enumerate(row) if bit]
    return Picture(len(rows) + 2 * _QUIET, "".join(dark))
