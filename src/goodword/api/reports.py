"""Reports, events and explanations: what happened and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import fields, figures, models
from goodword.api.answers import decision
from goodword.api.auth import House, needs
from goodword.api.errors import ProblemError, not_found
from goodword.app.directory import Principal
from goodword.app.see import explanations as explain
from goodword.app.see import reports
from goodword.core import calendar
from goodword.core.explain import sentences
from goodword.store import log, pages

router = APIRouter()


@router.get("/v1/reports/progress", operation_id="get_progress", tags=["reports"])
async def get_progress(house: House, who: Principal = needs("read")) -> models.Progress:
    """Where deciding stands: nothing waits once everything that was accepted is decided."""
    found = await reports.progress(house, who.workspace.id)
    return models.Progress(**{**found._asdict(), "as_of": calendar.text(found.as_of)})


@router.get("/v1/reports/summary", operation_id="get_summary", tags=["reports"])
async def get_summary(
    house: House,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    who: Principal = needs("read"),
) -> models.Summary:
    """Counts and sums in one currency, by default the oldest program's."""
    try:
        return models.Summary(**await reports.summary(house, who.workspace, currency))
    except LookupError:
        raise ProblemError(409, "no_program", "Publish a program first, or name a currency.") from None


@router.get("/v1/reports/overview", operation_id="get_overview", tags=["reports"])
async def get_overview(
    house: House,
    begin: Annotated[fields.Day | None, Query(alias="from")] = None,
    end: Annotated[fields.Day | None, Query(alias="to")] = None,
    program: Annotated[fields.Id | None, Query()] = None,
    who: Principal = needs("read"),
) -> figures.Overview:
    """Figures by day from the first day up to, and without, the last; by default the last 30 of the workspace's clock, at most 400."""
    try:
        found = await reports.overview(house, who.workspace.id, begin, end, program)
    except reports.WindowError as error:
        raise ProblemError(422, "invalid_request", f"{error}.") from None
    except LookupError:
        raise not_found("program") from None
    return figures.Overview(
        begins_at=f"{found.begin}T00:00:00Z",
        ends_at=f"{found.end}T00:00:00Z",
        program=program,
        position=found.position,
        as_of=calendar.text(found.as_of),
        totals=_figures(found.totals),
        days=[figures.DayFigures(day=day, figures=_figures(them)) for day, them in found.days.items()],
        accounts=[models.TrialLine(unit=unit, account=name, amount=amount) for unit, name, amount in found.accounts],
        queue=figures.Queue(**found.queue),
    )


def _figures(totals: list[reports.Total]) -> list[figures.Figure]:
    return [
        figures.Figure(
            metric=one.metric, unit=one.unit or None, count=one.count, amount=one.amount if one.unit else None
        )
        for one in totals
    ]


@router.get("/v1/events/{event}", operation_id="get_event", tags=["events"])
async def get_event(
    event: Annotated[str, Path(max_length=256)],
    house: House,
    source: Annotated[str, Query(max_length=64)] = "native",
    who: Principal = needs("read"),
) -> models.Event:
    """An event by its evt id, or by the id that its sender gave it: where it stands and what was decided."""
    async with house.pool.acquire() as conn:
        waiting = await pages.undecided_event(conn, who.workspace.id, event)
        found = waiting or await pages.event_of_sender(conn, who.workspace.id, source, event)
        entry = await log.of(conn, who.workspace.id, found.evt if found else event)
    if entry is not None:
        return models.Event(evt=entry.event.evt, status="decided", decision=decision(entry))
    if found is None:
        raise not_found("event")
    return models.Event(evt=found.evt, status="set_aside" if found.waits_for else "waiting")


@router.get("/v1/explanations/{id}", operation_id="get_explanation", tags=["explanations"])
async def get_explanation(
    id: Annotated[fields.Id, Path()],  # noqa: A002 - the name of the path's part
    house: House,
    who: Principal = needs("read"),
) -> models.Explanation:
    """Every decision about an event, reward, referral, payout, case or claim, with a sentence for each reader."""
    entries = await explain.decisions(house.pool, who.workspace.id, id)
    if not entries:
        raise not_found("decision about this")
    said = []
    for entry in entries:
        for verdict in entry.verdicts:
            words = sentences(verdict)
            said.append(
                models.ExplainedVerdict(
                    evt=entry.event.evt,
                    subject=verdict.subject,
                    outcome=verdict.outcome,
                    refusal=verdict.refusal,
                    beneficiary=words.beneficiary,
                    finance=words.finance,
                    steps=[sentence for _, sentence in words.steps],
                )
            )
    return models.Explanation(id=id, decisions=[decision(entry) for entry in entries], sentences=said)
