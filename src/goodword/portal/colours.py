"""A company's colour as a style sheet of its pages: where text of it could not be read, a darker or lighter shade of it stands."""

from __future__ import annotations

import re
from typing import Final

#: What WCAG 2.2 asks of text (1.4.3), and how much further from the page the colour goes under a pointer.
_LEAST: Final = 4.5
_STEP, _HOVER = 0.04, 0.15
#: Surface of the pages that text is hardest to read on, and towards what a colour is moved there: in light, in dark.
_LIGHT: Final = ((0xF2, 0xF2, 0xED), (0, 0, 0))
_DARK: Final = ((0x1D, 0x21, 0x1F), (255, 255, 255))
#: Below this a part of sRGB is linear.
_LINEAR: Final = 0.04045
_COLOUR = re.compile("[0-9a-f]{6}")

_Rgb = tuple[int, ...]


def sheet(colour: str) -> str | None:
    """Return the style sheet of a colour in six hexadecimal digits; None: it is none."""
    if not _COLOUR.fullmatch(colour):
        return None
    named = tuple(bytes.fromhex(colour))
    light, dark = _readable(named, *_LIGHT), _readable(named, *_DARK)
    under = (_moved(light, _LIGHT[1], _HOVER), _moved(dark, _DARK[1], _HOVER))
    return (
        f":root {{ --accent: light-dark({_text(light)}, {_text(dark)}); --on-accent: light-dark(#ffffff, #000000); "
        f"--accent-hover: light-dark({_text(under[0])}, {_text(under[1])}); }}\n"
    )


def contrast(one: _Rgb, other: _Rgb) -> float:
    """Return the ratio of contrast of two colours, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _readable(colour: _Rgb, surface: _Rgb, towards: _Rgb) -> _Rgb:
    """Return the colour, moved as little as makes it readable on a surface."""
    part, shade = 0.0, colour
    while contrast(shade, surface) < _LEAST:
        part += _STEP
        shade = _moved(colour, towards, min(1.0, part))
    return shade


def _moved(colour: _Rgb, towards: _Rgb, part: float) -> _Rgb:
    return tuple(round(a + (b - a) * part) for a, b in zip(colour, towards, strict=True))


def _luminance(colour: _Rgb) -> float:
    """Return the relative luminance of a colour of sRGB."""
    parts = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= _LINEAR else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _text(colour: _Rgb) -> str:
    return f"#{bytes(colour).hex()}"
