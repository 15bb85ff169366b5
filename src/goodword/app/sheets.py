"""Tables for who opens them in a spreadsheet: no cell is a formula, no amount is rounded; and what became of an import's rows, as one.

Must not know: files, pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goodword.app.say.imports import Became
from goodword.core import money
from goodword.words import sentences

#: What a cell begins with that a spreadsheet would work out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: The columns of a reconciliation sheet.
HEAD: Final[Sequence[str]] = ("line", "id", "became", "why", "field", "amount", "currency", "position", "decision")


def cell(value: str | int) -> str:
    """Return a cell as text that stays text; a number stays a number, also below zero."""
    text = str(value)
    number = text.removeprefix("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA) and not number else text


def cells(row: Became) -> list[str]:
    """Return what became of a row as cells."""
    amount = "" if row.amount is None else money.decimal(row.amount, row.currency) if row.currency else str(row.amount)
    said = row.became.replace("_", " "), row.code or "", row.field or ""
    at = "" if row.position is None else str(row.position)
    return [cell(it) for it in (row.line, row.id or "", *said, amount, row.currency or "", at, decision(row))]


def decision(row: Became) -> str:
    """Return what was decided of a row, in the words for finance."""
    return " ".join(sentences(verdict).finance for verdict in row.verdicts)


def problem(row: Became) -> str:
    """Return in a line why a row brought nothing in."""
    if row.verdicts:
        return f"line {row.line}: {row.code}: {decision(row)}"
    return f"line {row.line}: {row.code}{f' {row.field}' if row.field else ''}"
