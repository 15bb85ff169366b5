"""Stocks of codes: uploaded by a key of the company's own systems or a member, kept sealed in the commit that tells of them."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

import asyncpg
from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal, requires
from goodword.app.say.said import say
from goodword.app.see import filters
from goodword.core.entry import Entry
from goodword.core.events import StockUploaded
from goodword.core.state import code_id
from goodword.store import codes, log

#: Codes of one upload, and characters of one.
MOST: Final = 10_000
LONGEST: Final = 100
_HEADER: Final = "code"


class Upload(Struct, frozen=True, kw_only=True):
    """Codes as somebody brings them. ``text``: one a line, or CSV; ``program``: None, for any; ``low``: so many left are too few.

    ``amount``: what each is worth, in minor units, or points. ``ends_at``: an instant.
    """

    name: str
    unit: str
    amount: int
    text: str
    program: str | None = None
    low: int = 0
    ends_at: int | None = None

    def __repr__(self) -> str:  # codes are secrets: no log has them
        return f"Upload({self.name})"


def _read(text: str) -> list[str]:
    """Return the codes of a text: of each line the first cell, or that under ``code``. Raises InvalidError, which quotes none."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=None), strict=True) if any(map(str.strip, row))]
    except csv.Error:
        raise InvalidError(
            "codes: quotes that are opened must be closed, and no line may be that long.", "codes"
        ) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    place = head.index(_HEADER) if _HEADER in head else 0
    found = [row[place].strip() if place < len(row) else "" for row in rows[1 if _HEADER in head else 0 :]]
    if not 1 <= len(found) <= MOST:
        raise InvalidError(f"codes: from 1 to {MOST:,} of them, not {len(found):,}.", "codes")
    seen: dict[str, int] = {}
    for number, code in enumerate(found, 1):
        if not 1 <= len(code) <= LONGEST or not code.isprintable():
            raise InvalidError(f"codes: number {number} is not 1 to {LONGEST} characters that can be read.", "codes")
        if code in seen:
            raise InvalidError(f"codes: number {number} is the same as number {seen[code]}.", "codes")
        seen[code] = number
    return found


@requires("stock.upload")
async def upload(who: Principal, directory: Directory, what: Upload, key: str | None = None) -> Entry:
    """Add codes to give out. Raises InvalidError for what is none, or was uploaded before, and for a unit or program there is not."""
    texts, ws = _read(what.text), who.workspace
    async with directory.reading() as conn:
        if what.ends_at is not None and what.ends_at <= (await log.stream(conn, ws.id)).now(directory.now()):
            raise InvalidError("ends_at: codes that have ended already serve nobody.", "ends_at")
        unit = await filters.unit(conn, who, what.unit)
        program = None if what.program is None else await filters.named(conn, ws.id, what.program)
    _, points, its = unit.partition(":")
    if points and program not in (None, its):
        raise InvalidError("program: points are those of one program; name that one, or none.", "program")
    program = its if points else program

    async def keep(conn: asyncpg.Connection, entry: Entry) -> None:
        stock = next((said.subject for said in entry.verdicts if said.outcome == "stock_uploaded"), None)
        if stock is None:
            return
        named = {code_id(stock, number): text for number, text in enumerate(texts, 1)}
        new = await codes.add(conn, ws, named)
        if len(new) < len(named):
            before = [str(number) for number, id_ in enumerate(named, 1) if id_ not in new]
            more = f" and {len(before) - 10} more" if len(before) > 10 else ""  # noqa: PLR2004 - so many are named
            named_ = ", ".join(before[:10])
            raise InvalidError(f"codes: uploaded before: number {named_}{more}. Nothing was kept.", "codes")

    said: dict[str, Any] = {"name": what.name, "unit": unit, "amount": what.amount, "size": len(texts), "low": what.low}
    sealed = codes.digest(ws, texts)
    made: dict[str, Any] = {**said, "ends_at": what.ends_at, "program": program, "codes": sealed}
    return await say(who, directory, lambda s: StockUploaded(**s, **made), key, also=keep)
