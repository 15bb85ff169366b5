"""The books of a month: trial balance, liabilities by age, accruals, cost and revenue, and all of it as one file."""

from __future__ import annotations

from typing import Any, cast

from msgspec import Struct

from goodword.app import see
from goodword.app.proof import pack
from goodword.console.frame import Download, Read, Visit
from goodword.core.books import Books, By, later


class Month(Struct, frozen=True):
    """The page. ``last``: the last month that is shown; ``filters``: what the address says."""

    books: Books
    last: str
    programs: list[str]
    filters: dict[str, str | None]


_FILTERS = ("from", "to", "program", "timezone", "by")


async def shown(visit: Visit) -> Month:
    """Return the books of the months that the address says, or of the last one that is over."""
    filters = visit.filters(*_FILTERS)
    it = await visit.read(see.books.months, filters["from"], _end(filters), **_asked(filters))
    programs = [program.slug for program in await visit.glance(see.programs.every) or []]
    last = later(it.end, -1)
    return Month(it, last, programs, {**filters, "from": it.begin, "to": last})


async def packed(visit: Visit) -> Download:
    """Return the pack of the same months."""
    filters = visit.filters(*_FILTERS, "names")
    names = filters["names"] == "yes"
    asked = {**_asked(filters), "names": names}
    opening = see.books.packed(visit.who, visit.directory, filters["from"], _end(filters), **asked)
    path, manifest = await pack.written(opening)
    return Download(f"pack-{manifest.begin}-{manifest.end}.zip", "application/zip", path, lists=True)


def _asked(filters: dict[str, str | None]) -> dict[str, Any]:
    return {
        "program": filters["program"],
        "zone": filters["timezone"],
        "by": cast("By", filters["by"] or "occurred"),
    }


def _end(filters: dict[str, str | None]) -> str | None:
    """Return the month before which it ends: a page names the last one that is in it. What is none, the use case refuses."""
    last = filters["to"]
    year, dash, month = (last or "").partition("-")
    fits = dash and len(month) == 2 and year.isdecimal() and month.isdecimal() and year.isascii() and month.isascii()  # noqa: PLR2004
    return later(last, 1) if last is not None and fits and len(year) == 4 and int(month) else last  # noqa: PLR2004


READS = (
    Read("/ledger/books", "/ledger", see.books.months, "ledger/books.html", shown),
    Read("/ledger/pack.zip", "/ledger", see.books.packed, "", packed),
)
