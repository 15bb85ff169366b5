"""Tables as files: what changed behind a position, for who may see the lists. Long ones are for the command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from goodword.app import see
from goodword.app.errors import ConflictError, InvalidError
from goodword.console import tables
from goodword.console.frame import Download, Read, Visit
from goodword.core import calendar

#: Rows of a file that a page gives.
MOST: Final = 50_000


def _of(name: str) -> Callable[[Visit], Awaitable[Download]]:
    """Return the handler of a table."""

    async def downloaded(visit: Visit) -> Download:
        after, names = visit.asked("after") or "0", visit.asked("names") == "yes"
        if not after.isdecimal() or len(after) > len(str(2**53)):
            raise InvalidError("after: a position of the log.", "after")
        rows: list[list[str]] = []
        async with getattr(see.exports, name)(visit.who, visit.directory, int(after), names=names) as table:
            async for piece in table.pieces:
                kinds = [column.kind for column in table.columns]
                rows += [[_text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in piece]
                if len(rows) > MOST:
                    told = (
                        f"These are more than {MOST:,} rows: say behind which position, or use goodword export {name}."
                    )
                    raise ConflictError("too_many", told)
            body = tables.table([column.name for column in table.columns], rows)
            return Download(f"{name}-{after}-{table.position}.csv", "text/csv; charset=utf-8", body, lists=True)

    return downloaded


def _text(value: Any, kind: str) -> str:
    if value is None:
        return ""
    return calendar.text(value) if kind == "time" else str(value).lower() if kind == "yes" else str(value)


READS = (
    Read("/rewards.csv", "/rewards", see.exports.rewards, "", _of("rewards")),
    Read("/referrals.csv", "/referrals", see.exports.referrals, "", _of("referrals")),
    Read("/conversions.csv", "/conversions", see.exports.conversions, "", _of("conversions")),
)
