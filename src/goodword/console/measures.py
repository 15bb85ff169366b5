"""Measures: what a program did in a month, each beside the month before and with the formula by which it is made; also as a file."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from goodword import words
from goodword.app import see
from goodword.app.errors import InvalidError
from goodword.app.see.measures import Measured, Measures, Told
from goodword.app.see.reports import By
from goodword.console import tables
from goodword.console.frame import Download, Read, Visit
from goodword.core import books, money


class Row(Struct, frozen=True):
    """A line: a measure, or what it came to in one ``unit`` or code (``of``); now and before, counts and amounts, or times as is said.

    ``v``: its version; ``event``: that by which it is made, with its own.
    """

    measure: str
    v: int
    event: str
    how: str
    of: str
    unit: str
    count: int
    before: int
    amount: int = 0
    amount_before: int = 0
    took: str = ""
    took_before: str = ""


class Page(Struct, frozen=True):
    """The page. ``absent``: what nobody is asked for yet."""

    month: str
    zone: str
    by: str
    program: str | None
    position: int
    as_of_position: int
    rows: list[Row]
    absent: tuple[str, ...]
    programs: list[str]
    filters: dict[str, str | None]


async def shown(visit: Visit) -> Page:
    """Return the measures of the month that the address says, or of the present one, beside the month before."""
    filters = visit.filters("month", "program", "timezone", "by")
    it = await _over(visit, filters["month"] or see.measures.PRESENT)
    month = it.begin[:7]
    past = await _over(visit, books.later(month, -1))
    programs = [program.slug for program in await visit.glance(see.programs.every) or []]
    rows = [row for now, then in zip(it.measures, past.measures, strict=True) for row in _rows(now, then)]
    about = month, it.zone, it.by, it.program, it.position, it.as_of_position
    return Page(*about, rows, it.absent, programs, filters)


async def downloaded(visit: Visit) -> Download:
    """Return the measures of the month as a file: a line each, of what was none as well, and of what is absent without a figure."""
    it = await _over(visit, visit.asked("month") or see.measures.PRESENT)
    head = ("begin", "end", "timezone", "by", "program", "measure", "version", "event", "event_version", "of")
    head += ("count", "amount", "median_seconds", "p95_seconds", "formula")  # type: ignore[assignment]
    about = (it.begin, it.end, it.zone, it.by, it.program or "")
    rows = [
        (
            *about,
            *(one.measure, str(one.v), one.of, str(one.of_v), told.unit or told.code or "", str(told.count)),
            money.decimal(told.amount, told.unit) if told.unit and told.amount is not None else "",
            *("" if rank is None else str(rank) for rank in (one.median, one.p95)),
            words.measure(one.measure).formula,
        )
        for one in it.measures
        for told in one.told or [Told(None, None, one.count, None)]
    ]
    rows += [(*about, name, *[""] * 8, words.measure(name).formula) for name in it.absent]
    return Download(f"measures-{it.begin[:7]}.csv", "text/csv; charset=utf-8", tables.table(head, rows), lists=True)


async def _over(visit: Visit, month: str) -> Measures:
    by = visit.asked("by") or "decided"
    if by not in ("decided", "occurred"):
        raise InvalidError("by: decided or occurred.", "by")
    zone, program = visit.asked("timezone"), visit.asked("program")
    return await visit.read(see.measures.over, None, None, program, month=month, zone=zone, by=cast("By", by))


def _rows(now: Measured, then: Measured) -> list[Row]:
    about = now.measure, now.v, f"{now.of} {now.of_v}", now.how
    if now.how == "time":
        return [Row(*about, "", "", now.count, then.count, took=_took(now), took_before=_took(then))]
    of = {(one.unit or "", one.code or ""): one for one in now.told}
    was = {(one.unit or "", one.code or ""): one for one in then.told}
    rows = []
    for unit, code in sorted({*of, *was}) or [("", "")]:
        one, before = (them.get((unit, code)) or Told(None, None, 0, 0) for them in (of, was))
        amounts = one.amount or 0, before.amount or 0
        rows.append(Row(*about, code, unit, one.count, before.count, *amounts))
    return rows


def _took(it: Measured) -> str:
    return "" if it.median is None or it.p95 is None else f"{words.took(it.median)}, {words.took(it.p95)}"


READS = (
    Read("/figures/measures", "/figures", see.measures.over, "figures/measures.html", shown),
    Read("/figures/measures.csv", "/figures", see.measures.over, "", downloaded),
)
