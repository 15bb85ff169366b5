"""Sources: when each delivered last, what came of it, whether it has gone silent, and what a workspace says that its items mean."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, models
from goodword.api.answers import whole
from goodword.api.auth import DIRECTORY, IdempotencyKey, needs, once_of
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.follow.resending import Resend
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


@router.get("/v1/sources/{source}/mapping", operation_id="get_mapping")
async def get_mapping(
    source: Name,
    version: Annotated[int, Query(ge=0, le=2**31 - 1, description="An older version; the newest without")] = 0,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.mappings.one),
) -> models.SourceMapping:
    """The workspace's own mapping of a source, with its versions."""
    return _mapping(await see.mappings.one(who, directory, source, version))


@router.put("/v1/sources/{source}/mapping", operation_id="publish_mapping")
async def publish_mapping(
    source: Name,
    body: bodies.MappingFile,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.mappings.publish),
) -> models.MappingPublished:
    """Publish a mapping file: what comes from now on is read by it, a few seconds later at the latest. The same again is no version."""
    hash_ = await say.mappings.publish(who, directory, source, body.text, body.name, once=once_of(who, key))
    return models.MappingPublished(hash=hash_)


@router.delete("/v1/sources/{source}/mapping", operation_id="end_mapping", status_code=204)
async def end_mapping(
    source: Name,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.mappings.end),
) -> Response:
    """Have a source read without a mapping of the workspace's own from now on; its versions stay."""
    await say.mappings.end(who, directory, source, once=once_of(who, key))
    return Response(status_code=204)


@router.post("/v1/sources/{source}/mapping/preview", operation_id="preview_mapping")
async def preview_mapping(
    source: Name,
    body: bodies.MappingPreview,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.mappings.preview),
) -> models.MappingPreview:
    """What a mapping file would make of the deliveries that are kept, or of a sample: by name, with the money. Nothing is stored."""
    found = await see.mappings.preview(who, directory, source, body.text, body.name, sample=body.sample)
    return models.MappingPreview(**_shown(found))


@router.get("/v1/sources/{source}/deliveries", operation_id="get_kept_deliveries")
async def get_kept_deliveries(
    source: Name, directory: Directory = DIRECTORY, who: Principal = needs(see.mappings.keeping)
) -> models.KeptDeliveries:
    """How many deliveries of a source are kept, for how many days, and how far they were sent again. What they hold is not shown."""
    return _kept(await see.mappings.keeping(who, directory, source))


@router.put("/v1/sources/{source}/deliveries", operation_id="keep_deliveries", status_code=204)
async def keep_deliveries(
    source: Name,
    body: bodies.KeepDeliveries,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.mappings.keep),
) -> Response:
    """Keep what a source delivers for so many days, sealed: path and body, no header. With 0 what was kept is forgotten."""
    await say.mappings.keep(who, directory, source, body.days, once=once_of(who, key))
    return Response(status_code=204)


@router.post("/v1/sources/{source}/deliveries/resend", operation_id="resend_deliveries", status_code=202)
async def resend_deliveries(
    source: Name,
    body: bodies.ResendDeliveries,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.mappings.resend),
) -> models.Resend:
    """Send again what is kept, through the newest mapping: what was decided is a repeat, what meant nothing then counts now."""
    since = calendar.parse(body.since) if body.since is not None else None
    begun = await say.mappings.resend(who, directory, source, since, once=once_of(who, key))
    return models.Resend(**_resend(begun))


def _mapping(it: see.mappings.Mapping) -> models.SourceMapping:
    versions = [
        models.MappingVersion(
            version=one.version, hash=one.hash, says=one.says, by=one.said_by, at=calendar.text(one.said_at)
        )
        for one in it.versions
    ]
    return models.SourceMapping(source=it.source, version=it.version, hash=it.hash, text=it.text, versions=versions)


def _shown(it: see.mappings.Preview) -> dict[str, Any]:
    since = calendar.text(it.since) if it.since is not None else None
    return {**whole(it), "since": since}


def _kept(it: see.mappings.Kept) -> models.KeptDeliveries:
    resend = _resend(it.resend) if it.resend is not None else None
    first = calendar.text(it.first_at) if it.first_at is not None else None
    return models.KeptDeliveries(**{**whole(it), "first_at": first, "resend": resend})


def _resend(it: Resend) -> dict[str, Any]:
    ended = calendar.text(it.ended_at) if it.ended_at is not None else None
    return {
        "since": calendar.text(it.since),
        "by": it.by,
        "started_at": calendar.text(it.started_at),
        "ended_at": ended,
        "deliveries": it.deliveries,
        "of": it.of,
        "became": it.became,
        "why": it.why,
    }


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
