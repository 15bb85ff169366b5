"""A paper as PDF: a title, facts, tables and a foot, on A4. The same content gives the same bytes, whenever and wherever it is made.

reportlab works in names of fonts that every reader has, so that no font is carried; they know the letters of western Europe alone, and
what they do not know is spelled in plain letters. Must not know: what a paper is about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple
from xml.sax.saxutils import escape

_ENCODING = "cp1252"


class Table(NamedTuple):
    """``numbers``: how many columns, from the right, are figures."""

    heading: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 0


class Paper(NamedTuple):
    """What stands on it, from above. ``language``: the one that it is written in."""

    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]
    foot: Sequence[str] = ()
    language: str = "en"


def pdf(paper: Paper) -> bytes:
    """Return a paper as PDF."""
    # Loaded when first used: most processes never write one.
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.lib.styles import getSampleStyleSheet  # noqa: PLC0415
    from reportlab.lib.units import mm  # noqa: PLC0415
    from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle  # noqa: PLC0415

    styles = getSampleStyleSheet()
    body, title, heading = styles["BodyText"], styles["Title"], styles["Heading2"]

    def said(text: str, style: object = body) -> object:
        return Paragraph(escape(plain(text)), style)

    lines = TableStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.25, "#bbbbbb"),
            ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
            ("FONTSIZE", (0, 0), (-1, -1), 8),
        ]
    )
    parts = [said(paper.title, title)]
    parts += [said(f"{name}: {value}") for name, value in paper.facts]
    for table in paper.tables:
        parts += [Spacer(1, 4 * mm), said(table.heading, heading)]
        rows = [[plain(cell) for cell in row] for row in (table.head, *table.rows)]
        made = LongTable(rows, repeatRows=1, hAlign="LEFT")
        made.setStyle(lines)
        if table.numbers:
            made.setStyle(TableStyle([("ALIGN", (-table.numbers, 0), (-1, -1), "RIGHT")]))
        parts.append(made)
    parts += [Spacer(1, 6 * mm), *(said(line) for line in paper.foot)]
    into = BytesIO()
    sheet = SimpleDocTemplate(
        into,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=18 * mm,
        title=plain(paper.title),
        author="",
        creator="Goodword",
        invariant=True,  # no clock and no random id in it
        lang=paper.language,
    )

    def numbered(canvas: object, document: object) -> None:
        canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]
        canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(document.page))  # type: ignore[attr-defined]

    sheet.build(parts, onFirstPage=numbered, onLaterPages=numbered)
    return into.getvalue()


def plain(text: str) -> str:
    """Return a text in the letters that the fonts know: without its marks where that helps, else with a question mark."""
    return "".join(_plain(letter) for letter in unicodedata.normalize("NFC", text))


def _plain(letter: str) -> str:
    try:
        letter.encode(_ENCODING)
    except UnicodeEncodeError:
        bare = "".join(it for it in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(it))
        return bare if bare and bare.isascii() else "?"
    return letter
