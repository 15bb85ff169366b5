"""Figures: from the click to the reward, what it costs, what it brings, why nothing came; over days, beside as many days before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from msgspec import Struct

from goodword.app import see
from goodword.app.errors import InvalidError
from goodword.app.see.reports import By, Overview, Total
from goodword.console import charts, tables
from goodword.console.frame import Download, Read, Visit
from goodword.core import calendar, money

REFUSED: Final = "refused:"  # what the name of a figure begins with that counts a refusal
#: The steps from a click to a reward, each with the metrics that it is made of.
FUNNEL: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("clicks", ("clicks", "redirects")),
    ("leads", ("leads",)),
    ("attributed", ("attributed",)),
    ("conversions", ("conversions",)),
    ("qualified", ("qualified",)),
    ("earned", ("earned_advocate", "earned_friend")),
)
#: The steps that are a share of another one; the others hold more than those that came by it.
_OF: Final = {"leads": "clicks", "attributed": "leads", "qualified": "attributed"}
#: What money went through, by unit.
COST: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("earned", ("earned_advocate", "earned_friend")),
    ("approved", ("approved",)),
    ("paid", ("paid",)),
    ("reversed", ("reversed",)),
    ("revenue", ("qualified",)),
    ("refunded", ("refunded",)),
)
#: The charts: what is counted, and of what the amount in the chosen unit is drawn.
_COUNTED, _SUMMED = ("clicks", "leads", "qualified"), ("earned", "approved", "paid", "revenue")
_DAILY = 62  # days that a chart draws one by one; of more it draws weeks


class Step(Struct, frozen=True):
    """A step of the funnel. ``share``: of the step ``of``, in tenths of a percent; None: that was nothing, or it is of none."""

    code: str
    count: int
    before: int
    of: str | None
    share: int | None


class Sum(Struct, frozen=True):
    """What an amount came to in a unit, and how often; and in as many days before."""

    code: str
    unit: str
    amount: int
    count: int
    before: int


class Chart(Struct, frozen=True):
    """Two series over the same time. ``labels``: the day that each point begins with; ``unit`` is empty of what is counted."""

    code: str
    unit: str
    labels: list[str]
    now: list[int]
    before: list[int]
    total: int
    total_before: int
    lines: charts.Lines


class Figures(Struct, frozen=True):
    """The page. ``begin`` up to ``end``, which is not included; figures are true up to entry ``as_of_position`` of ``position``."""

    begin: str
    end: str
    days: int
    zone: str
    by: str
    program: str | None
    unit: str | None
    position: int
    as_of_position: int
    funnel: list[Step]
    sums: list[Sum]
    charts: list[Chart]
    refused: dict[str, int]
    programs: list[str]
    units: list[str]
    filters: dict[str, str | None]


async def shown(visit: Visit) -> Figures:
    """Return the figures of the days that the address says, and of as many before."""
    filters = visit.filters("from", "to", "program", "unit", "by", "timezone")
    it = await _overview(visit)
    days = list(it.days)
    past = await _overview(visit, _shift(days[0], -len(days)), days[0])
    units = sorted({one.unit for one in it.totals if one.unit})
    unit = filters["unit"] or next(iter(units), None)
    programs = [program.slug for program in await visit.glance(see.programs.every) or []]
    drawn = [_chart(code, "", dict(FUNNEL)[code], it, past) for code in _COUNTED]
    drawn += [_chart(code, unit, dict(COST)[code], it, past) for code in _SUMMED if unit]
    refused = {one.metric.removeprefix(REFUSED): one.count for one in it.totals if one.metric.startswith(REFUSED)}
    return Figures(
        it.begin,
        it.end,
        len(days),
        it.zone,
        it.by,
        it.program,
        unit,
        it.position,
        it.as_of_position,
        _funnel(it.totals, past.totals),
        [one for each in units for one in sums_of(each, it.totals, past.totals)],
        [one for one in drawn if one.total or one.total_before],
        dict(sorted(refused.items(), key=lambda one: (-one[1], one[0]))),
        programs,
        units,
        filters,
    )


async def downloaded(visit: Visit) -> Download:
    """Return every figure of each day as a file."""
    it = await _overview(visit)
    unit, name = visit.asked("unit"), f"figures-{it.begin}-{it.end}.csv"
    head = ("day", "timezone", "by", "program", "metric", "count", "amount", "unit")
    rows = [
        (day, it.zone, it.by, it.program or "", one.metric, one.count, _decimal(one), one.unit)
        for day, totals in it.days.items()
        for one in totals
        if unit in (None, one.unit) or not one.unit
    ]
    return Download(name, "text/csv; charset=utf-8", tables.table(head, rows), lists=True)


async def _overview(visit: Visit, begin: str | None = None, end: str | None = None) -> Overview:
    by = visit.asked("by") or "decided"
    if by not in ("decided", "occurred"):
        raise InvalidError("by: decided or occurred.", "by")
    begin, end = begin or visit.asked("from"), end or visit.asked("to")
    zone, program = visit.asked("timezone") or "UTC", visit.asked("program")
    return await visit.read(see.reports.overview, begin, end, program, zone=zone, by=cast("By", by))


def _funnel(totals: Sequence[Total], past: Sequence[Total]) -> list[Step]:
    counts = {code: count(totals, metrics) for code, metrics in FUNNEL}
    steps = []
    for code, metrics in FUNNEL:
        of = _OF.get(code)
        share = 1_000 * counts[code] // counts[of] if of and counts[of] else None
        steps.append(Step(code, counts[code], count(past, metrics), of, share))
    return steps


def sums_of(unit: str, totals: Sequence[Total], past: Sequence[Total]) -> list[Sum]:
    """Return what money went through in a unit, now and before; what was neither is left out."""
    of_unit = [one for one in totals if one.unit == unit]
    sums = [
        Sum(code, unit, amount(totals, metrics, unit), count(of_unit, metrics), amount(past, metrics, unit))
        for code, metrics in COST
    ]
    return [one for one in sums if one.amount or one.count or one.before]


def _chart(code: str, unit: str | None, metrics: Sequence[str], it: Overview, past: Overview) -> Chart:
    def of(days: Sequence[Sequence[Total]]) -> list[int]:
        return [
            sum(amount(day, metrics, unit) if unit else count(day, metrics) for day in piece) for piece in _pieces(days)
        ]

    now, before = of(list(it.days.values())), of(list(past.days.values()))
    labels = [piece[0] for piece in _pieces(list(it.days))]
    return Chart(code, unit or "", labels, now, before, sum(now), sum(before), charts.lines(now, before))


def _pieces(days: Sequence[Any]) -> list[Sequence[Any]]:
    step = 1 if len(days) <= _DAILY else 7
    return [days[start : start + step] for start in range(0, len(days), step)]


def count(totals: Sequence[Total], metrics: Sequence[str]) -> int:
    """Return how many were counted, of all units."""
    return sum(one.count for one in totals if one.metric in metrics)


def amount(totals: Sequence[Total], metrics: Sequence[str], unit: str) -> int:
    """Return what they came to in a unit."""
    return sum(one.amount for one in totals if one.metric in metrics and one.unit == unit)


def _decimal(one: Total) -> str:
    return money.decimal(one.amount, one.unit) if one.unit else ""


def _shift(day: str, days: int) -> str:
    return calendar.utc_day(calendar.day_begins(day, "UTC") + days * calendar.DAY)


READS = (
    Read("/figures", "/figures", see.reports.overview, "figures/page.html", shown),
    Read("/figures.csv", "/figures", see.reports.overview, "", downloaded),
)
