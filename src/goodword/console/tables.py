"""Tables as files, for who opens them in a spreadsheet: no cell is a formula, no amount is rounded.

Must not know: what stands in them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: What a cell begins with that a spreadsheet would work out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: str | int) -> str:
    """Return a cell as text that stays text; a number stays a number, also below zero."""
    text = str(value)
    number = text.removeprefix("-").replace(".", "", 1).isdecimal()
    return f"'{text}" if text.startswith(_FORMULA) and not number else text


def table(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a table as CSV, in UTF-8, a line each."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()
