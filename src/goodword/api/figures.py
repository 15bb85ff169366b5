"""What the overview gives: metrics by day, in minor units beside their unit. The published contract, as ``models`` is."""

from __future__ import annotations

from pydantic import BaseModel, Field

from goodword import words
from goodword.api import models
from goodword.api.fields import Date, Time
from goodword.app.see import reports
from goodword.core import calendar, rollup


class Figure(BaseModel):
    """What a metric came to: how often, and how much in minor units or points where it has a ``unit``."""

    metric: str = Field(
        description="\n".join(f"- `{name}`: {words.metric(name)}" for name in rollup.METRICS)
        + "\n- `refused:<code>`: Refusals by their code.",
        json_schema_extra={"enum": [*rollup.METRICS, *rollup.REFUSED.values()]},
    )
    unit: str | None
    count: int
    amount: int | None


class DayFigures(BaseModel):
    """The figures of one day."""

    day: Date
    figures: list[Figure]


class Queue(BaseModel):
    """What waits for people; 1,000 says that it is so many or more."""

    rewards_in_review: int
    payouts_awaiting_release: int
    cases_open: int
    persons_waiting: int
    messages_waiting: int


class Overview(BaseModel):
    """The figures of the days of ``zone`` in [begins_at, ends_at); what the ledger's accounts hold and what waits now.

    ``by`` says what makes a figure one of a day: that it was decided then by the workspace's clock, or that it occurred then: what
    an event tells, or the conversion behind what was earned. Without ``program`` they are those of all programs, and of
    what named none. The log has ``position`` entries, the last of ``as_of``. Figures follow it, within a second where a worker runs:
    they and ``accounts`` hold its entries up to ``as_of_position``; ``lag_seconds`` ago the first event that they lack came in, 0: they
    lack none. ``queue`` is that of all programs, and of now. To who is limited to programs, all are these.
    """

    begins_at: Time
    ends_at: Time
    zone: str = Field(description="IANA time zone")
    by: reports.By
    program: str | None
    position: int
    as_of: Time
    as_of_position: int
    lag_seconds: float
    totals: list[Figure]
    days: list[DayFigures]
    accounts: list[models.TrialLine]
    queue: Queue


def shown(overview: reports.Overview) -> Overview:
    """Return an overview as the API gives it."""
    return Overview(
        begins_at=calendar.text(overview.starts[0]),
        ends_at=calendar.text(overview.starts[1]),
        zone=overview.zone,
        by=overview.by,
        program=overview.program,
        position=overview.position,
        as_of=calendar.text(overview.as_of),
        as_of_position=overview.as_of_position,
        lag_seconds=overview.lag_seconds,
        totals=_figures(overview.totals),
        days=[DayFigures(day=day, figures=_figures(them)) for day, them in overview.days.items()],
        accounts=[models.TrialLine(unit=unit, account=name, amount=amount) for unit, name, amount in overview.accounts],
        queue=Queue(**overview.queue),
    )


def _figures(totals: list[reports.Total]) -> list[Figure]:
    return [
        Figure(
            metric=total.metric, unit=total.unit or None, count=total.count, amount=total.amount if total.unit else None
        )
        for total in totals
    ]
