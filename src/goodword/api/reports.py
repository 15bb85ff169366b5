"""Reports, events and explanations: what happened and why."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import fields, figures, models
from goodword.api.answers import decision, explanation, shown
from goodword.api.auth import DIRECTORY, needs
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar

router = APIRouter()


@router.get("/v1/reports/progress", operation_id="get_progress", tags=["reports"])
async def get_progress(
    directory: Directory = DIRECTORY, who: Principal = needs(see.reports.progress)
) -> models.Progress:
    """Where deciding stands: nothing waits once everything that was accepted is decided, nothing is behind once all figures show it."""
    progress = await see.reports.progress(who, directory)
    behind = [
        models.Behind(follower=lag.follower, position=lag.position, seconds=lag.seconds) for lag in progress.behind
    ]
    deciding = {**progress.deciding._asdict(), "as_of": calendar.text(progress.deciding.as_of)}
    return models.Progress(**deciding, behind=behind)


@router.get("/v1/reports/summary", operation_id="get_summary", tags=["reports"])
async def get_summary(
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.reports.summary),
) -> models.Summary:
    """Counts and sums in one currency, by default the oldest program's."""
    return models.Summary(**await see.reports.summary(who, directory, currency))


@router.get("/v1/reports/overview", operation_id="get_overview", tags=["reports"])
async def get_overview(
    begin: Annotated[fields.Day | None, Query(alias="from")] = None,
    end: Annotated[fields.Day | None, Query(alias="to")] = None,
    program: Annotated[fields.Id | None, Query()] = None,
    timezone: Annotated[fields.Zone, Query()] = "UTC",
    by: see.reports.By = "decided",
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.reports.overview),
) -> figures.Overview:
    """Figures by day from the first day up to, and without, the last; by default the last 30 of the workspace's clock, at most 400.

    Days are those of ``timezone``, on which something was decided or (``by=occurred``) on which it occurred.
    """
    return figures.shown(await see.reports.overview(who, directory, begin, end, program, zone=timezone, by=by))


@router.get("/v1/events/{event}", operation_id="get_event", tags=["events"])
async def get_event(
    event: Annotated[str, Path(max_length=256)],
    source: Annotated[str, Query(max_length=64)] = "native",
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.events.get),
) -> models.Event:
    """An event by its evt id, or by the id that its sender gave it: where it stands and what was decided."""
    record = await see.events.get(who, directory, event, source)
    decided = decision(record.entry) if record.entry else None
    mapped = models.EventMapped(**shown(record.mapped)) if record.mapped else None
    said = models.EventSaid(**shown(record.said)) if record.said else None
    return models.Event(evt=record.evt, status=record.status, decision=decided, mapped=mapped, said=said)


@router.get("/v1/notes/{note}", operation_id="get_note", tags=["explanations"])
async def get_note(
    note: Annotated[fields.Id, Path()], directory: Directory = DIRECTORY, who: Principal = needs(see.notes.get)
) -> models.Note:
    """What somebody typed beside a decision, by the digest that its ``note`` is."""
    return models.Note(id=note, text=await see.notes.get(who, directory, note))


@router.get("/v1/explanations/{id}", operation_id="get_explanation", tags=["explanations"])
async def get_explanation(
    id: Annotated[fields.Id, Path()],  # noqa: A002 - the name of the path's part
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.explanations.decisions),
) -> models.Explanation:
    """Every decision about an event, reward, referral, payout, case or claim, with a sentence for each reader."""
    return explanation(id, await see.explanations.decisions(who, directory, id))
