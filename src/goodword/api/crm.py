"""CRMs whose records are written to, and what they answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, models
from goodword.api.answers import shown
from goodword.api.auth import DIRECTORY, needs
from goodword.api.paging import Limit
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal

router = APIRouter(tags=["crm"])

_Source = Annotated[str, Path(max_length=64, description="The CRM, as its source is called")]


@router.get("/v1/crm", operation_id="list_crms")
async def list_crms(
    directory: Directory = DIRECTORY, who: Principal = needs(see.crm.every)
) -> models.Page[models.CrmConnection]:
    """The CRMs whose records are written to, and how many of these wait or were refused."""
    return models.Page(items=[models.CrmConnection(**shown(it)) for it in await see.crm.every(who, directory)])


@router.put("/v1/crm/{source}", operation_id="connect_crm", status_code=204)
async def connect_crm(
    source: _Source,
    body: bodies.CrmSettings,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.crm.connect),
) -> Response:
    """Have the records of a CRM written to from now on, or otherwise than before, with the key that is held for asking it."""
    await say.crm.connect(who, directory, source, **body.model_dump())
    return Response(status_code=204)


@router.delete("/v1/crm/{source}", operation_id="end_crm", status_code=204)
async def end_crm(source: _Source, directory: Directory = DIRECTORY, who: Principal = needs(say.crm.end)) -> Response:
    """Write to a CRM no more; what is written there stays."""
    await say.crm.end(who, directory, source)
    return Response(status_code=204)


@router.get("/v1/crm/{source}/records", operation_id="list_crm_records")
async def list_crm_records(
    source: _Source,
    state: Annotated[str, Query(description="refused, waiting or written")] = "refused",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.crm.records),
) -> models.Page[models.CrmRecord]:
    """Records of a CRM by what it answered last, the newest first: those that it refused need a person."""
    found = await see.crm.records(who, directory, source, state=state, limit=limit)
    return models.Page(items=[models.CrmRecord(**shown(it)) for it in found])


@router.post("/v1/crm/{source}/again", operation_id="write_crm_again", status_code=202)
async def write_crm_again(
    source: _Source, directory: Directory = DIRECTORY, who: Principal = needs(say.crm.again)
) -> models.CrmAgain:
    """Write once more what the CRM refused, after somebody put right there what was wrong."""
    return models.CrmAgain(count=await say.crm.again(who, directory, source))
