"""Measures over days, and the measurement events that they are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from goodword import words
from goodword.api import fields, models
from goodword.api.auth import DIRECTORY, needs
from goodword.api.books import Month
from goodword.api.paging import page
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar, measuring

router = APIRouter(tags=["reports"])


class MeasureLine(BaseModel):
    """What a measure came to in a unit, or of a code; ``amount`` in minor units or points."""

    unit: str | None
    code: str | None
    count: int
    amount: int | None


class Measure(BaseModel):
    """A measure: how it is made (``formula``), of which measurement event, and what it came to, by unit or code.

    Of a time ``median_seconds`` and ``p95_seconds`` are the nearest rank among ``count`` payments, rounded down to whole seconds,
    from a minute on to minutes, from an hour on to hours, from the hundredth day on to days.
    """

    measure: str = Field(json_schema_extra={"enum": list(measuring.MEASURES)})
    v: int
    how: Literal["count", "amount", "time"]
    of: str
    of_v: int
    formula: str
    count: int
    lines: list[MeasureLine]
    median_seconds: int | None
    p95_seconds: int | None


class AbsentMeasure(BaseModel):
    """What is to be measured and is not there, which is not nought."""

    measure: str
    why: str


class Measures(BaseModel):
    """Each measure over the days of ``zone`` in [begins_at, ends_at), true up to entry ``as_of_position`` of the log's ``position``."""

    begins_at: fields.Time
    ends_at: fields.Time
    begin: fields.Date
    end: fields.Date
    zone: str = Field(description="IANA time zone")
    by: see.reports.By
    program: str | None
    position: int
    as_of_position: int
    measures: list[Measure]
    absent: list[AbsentMeasure]


class Measurement(BaseModel):
    """A measurement event: the ``n``-th of the entry at ``position``; ``name`` and ``v`` say what it means, for good."""

    position: int
    n: int
    name: str = Field(
        description="\n".join(f"- `{name}`: {words.measurement(name)}" for name in measuring.EVENTS),
        json_schema_extra={"enum": list(measuring.EVENTS)},
    )
    v: int
    decided_at: fields.Time
    occurred_at: fields.Time
    program: str | None
    subject: str | None
    unit: str | None
    amount: int | None
    code: str | None


@router.get("/v1/measures", operation_id="get_measures")
async def get_measures(  # noqa: PLR0913 - each is a part of the query
    month: Annotated[Month | None, Query(description="A month, in the place of days.")] = None,
    begin: Annotated[fields.Day | None, Query(alias="from")] = None,
    end: Annotated[fields.Day | None, Query(alias="to")] = None,
    program: Annotated[fields.Id | None, Query()] = None,
    timezone: Annotated[
        fields.Zone | None, Query(description="Whose days they are; by default the program's, UTC of all.")
    ] = None,
    by: see.reports.By = "decided",
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.measures.over),
) -> Measures:
    """Each measure over a month, or from the first day up to, and without, the last; by default the last 30 days, at most 400.

    Days are those on which something was decided or (``by=occurred``) on which it occurred.
    """
    it = await see.measures.over(who, directory, begin, end, program, month=month, zone=timezone, by=by)
    return Measures(
        begins_at=calendar.text(it.starts[0]),
        ends_at=calendar.text(it.starts[1]),
        begin=it.begin,
        end=it.end,
        zone=it.zone,
        by=it.by,
        program=it.program,
        position=it.position,
        as_of_position=it.as_of_position,
        measures=[_measure(one) for one in it.measures],
        absent=[AbsentMeasure(measure=name, why=words.measure(name).formula) for name in it.absent],
    )


def _measure(it: see.measures.Measured) -> Measure:
    return Measure(
        measure=it.measure,
        v=it.v,
        how=it.how,
        of=it.of,
        of_v=it.of_v,
        formula=words.measure(it.measure).formula,
        count=it.count,
        lines=[MeasureLine(unit=one.unit, code=one.code, count=one.count, amount=one.amount) for one in it.told],
        median_seconds=it.median,
        p95_seconds=it.p95,
    )


@router.get("/v1/measurements", operation_id="list_measurements")
async def list_measurements(
    after: Annotated[int, Query(ge=0, le=2**53, description="A position of the log: what follows it is given")] = 0,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.measures.events),
) -> models.Page[Measurement]:
    """Measurement events of the entries behind a position, in the order of the log.

    A page looks through 500 entries, or 1 MiB of them: it may be empty, and lead to a next one. What a measure is can be counted
    again from these alone.
    """
    return page(await see.measures.events(who, directory, after=after), _measurement)


def _measurement(it: measuring.Measurement) -> Measurement:
    return Measurement(
        position=it.position,
        n=it.n,
        name=it.name,
        v=it.v,
        decided_at=calendar.text(it.decided_at),
        occurred_at=calendar.text(it.occurred_at),
        program=it.program,
        subject=it.subject,
        unit=it.unit,
        amount=it.amount,
        code=it.code,
    )
