"""The picture that previews of a link show: who is recommended and what a friend gets, as PNG, 1200 by 630.

The font comes with Pillow and knows the letters of western Europe; a line in others is left out, and the mark stays. The same lines
give the same bytes. Must not know: whose link it is, what is promised.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from goodword.outbound.paper import plain

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1200, 630
_EDGE: Final = 96
_PAPER, _INK, _ACCENT = "#f6f6f2", "#191919", "#145c3f"


def png(title: str, text: str) -> bytes:
    """Return the picture. ``title``: in large letters; ``text``: below it; either may be empty."""
    # Loaded when first used: most processes never draw one.
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw, top = ImageDraw.Draw(image), 88
    draw.rectangle((0, 0, 24, HEIGHT), fill=_ACCENT)
    draw.rounded_rectangle((_EDGE, top, _EDGE + 88, top + 72), 16, fill=_ACCENT)
    draw.polygon([(_EDGE + 18, top + 66), (_EDGE + 18, top + 94), (_EDGE + 46, top + 66)], fill=_ACCENT)
    draw.line(
        [(_EDGE + 24, top + 36), (_EDGE + 38, top + 50), (_EDGE + 64, top + 24)], fill=_PAPER, width=9, joint="curve"
    )
    top += 136
    for said, size, ink, most in ((title, 76, _INK, 2), (text, 48, _ACCENT, 3)):
        font = ImageFont.load_default(size)
        for line in _lines(said, font, most):  # type: ignore[arg-type]
            draw.text((_EDGE, top), line, ink, font)
            top += size + size // 4
        top += 20
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _lines(text: str, font: FreeTypeFont, most: int) -> list[str]:
    """Return a text in at most so many lines that fit; one that goes on ends with dots. Of letters that the font lacks: nothing."""
    known = plain(text)
    if known.count("?") > text.count("?"):
        return []
    room, lines, rest = WIDTH - 2 * _EDGE, list[str](), known.split()
    while rest and len(lines) < most:
        line = rest.pop(0)
        while rest and font.getlength(f"{line} {rest[0]}") <= room:
            line = f"{line} {rest.pop(0)}"
        lines.append(line)
    if rest or any(font.getlength(line) > room for line in lines):
        lines = [_short(line, font, room, goes_on=bool(rest) and line is lines[-1]) for line in lines]
    return lines


def _short(line: str, font: FreeTypeFont, room: int, *, goes_on: bool) -> str:
    if not goes_on and font.getlength(line) <= room:
        return line
    while line and font.getlength(f"{line}...") > room:
        line = line[:-1]
    return f"{line.rstrip()}..."
