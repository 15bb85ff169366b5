"""Tables as files, for who opens them in a spreadsheet: no cell is a formula, no amount is rounded.

Must not know: what stands in them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from goodword.app.sheets import cell


def table(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Return a table as CSV, in UTF-8, a line each."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()
