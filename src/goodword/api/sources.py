"""Sources: when each delivered last, what came of it, and whether it has gone silent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goodword.api import models
from goodword.api.auth import DIRECTORY, needs
from goodword.app import see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar

router = APIRouter(tags=["sources"])

Name = Annotated[str, Path(max_length=64, description="The source's name, as events have it")]


@router.get("/v1/sources", operation_id="list_sources")
async def list_sources(
    directory: Directory = DIRECTORY, who: Principal = needs(see.sources.every)
) -> models.Page[models.Source]:
    """All sources: when each delivered last, what came of it in 14 days, what its newest events decided, whether it has gone silent."""
    return models.Page(items=[_source(it) for it in await see.sources.every(who, directory)], after=None)


@router.get("/v1/sources/{source}", operation_id="get_source")
async def get_source(
    source: Name, directory: Directory = DIRECTORY, who: Principal = needs(see.sources.one)
) -> models.WholeSource:
    """One source: which of its items mean nothing here, which of its fields nobody knows, what was refused and for which field."""
    it = await see.sources.one(who, directory, source)
    return models.WholeSource(
        **_source(it.source).model_dump(),
        ignored=[models.NamedCount(name=one.name, count=one.count) for one in it.ignored],
        unknown=[models.NamedCount(name=one.name, count=one.count) for one in it.unknown],
        refusals=[
            models.RefusedCount(code=one.code, field=one.field, count=one.count, expected=one.expected)
            for one in it.refused
        ],
        held=[
            models.HeldItems(code=one.code, why=one.why, count=one.count, since=calendar.text(one.since))
            for one in it.held
        ],
        days=[models.SourceDay(day=one.day, counts=one.counts) for one in it.days],
        fields=[models.FieldTreatment(path=one.path, how=one.how, to=one.to) for one in it.fields],
    )


def _source(it: see.sources.Source) -> models.Source:
    return models.Source(
        source=it.source,
        paths=it.way.paths,
        keys=it.way.keys,
        last_at=calendar.text(it.last_at) if it.last_at is not None else None,
        counts=it.counts,
        decided=it.decided,
        usual_seconds=_seconds(it.usual),
        allowed_seconds=_seconds(it.allowed),
        silent=it.silent,
    )


def _seconds(length: int | None) -> int | None:
    return length // calendar.SECOND if length is not None else None
