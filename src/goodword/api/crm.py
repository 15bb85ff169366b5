"""CRMs whose records are written to, and what they answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from goodword.api import bodies, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.see.matches import Matched
from goodword.core import calendar

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


def _matched(it: Matched) -> models.CrmMatched:
    deal = it.deal
    return models.CrmMatched(
        deal_id=deal.id if deal is not None else None,
        status=deal.status if deal is not None else None,
        person=it.person,
        contact_name=it.called(it.person),
        company_name=it.called(deal.company, deal.company_domain, deal.company_ref) if deal is not None else None,
        matches=[
            models.CrmMatch(
                referral=one.referral,
                program=one.program,
                friend=one.friend,
                friend_name=it.called(one.friend),
                advocates=[share.person for share in one.shares],
                lead_at=calendar.text(one.lead_at),
                by=one.by,
                confidence=one.confidence,
                why=it.why(one),
            )
            for one in it.matches
        ],
    )


@router.get("/v1/crm/matches", operation_id="list_crm_matches")
async def list_crm_matches(
    source: Annotated[str | None, Query(max_length=64, description="Of this CRM alone")] = None,
    person: Annotated[str | None, Query(max_length=255, description="Of this contact alone, by id or name")] = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.matches.page),
) -> models.Page[models.CrmMatched]:
    """Deals whose contact nobody recommended, as far as is known, and by which referrals they may have come, with how sure that is.

    Nothing follows from a match: a person confirms or declines it. A page may have fewer than `limit`, or nothing, and a successor.
    """
    found = await see.matches.page(who, directory, source=source, person=person, after=after, limit=limit)
    return page(found, _matched)


@router.post("/v1/crm/matches/confirmation", operation_id="confirm_crm_match")
async def confirm_crm_match(
    body: bodies.CrmMatch,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.matches.confirm),
) -> models.Decision:
    """Say that the contact came by a referral: a claim in the name of who recommended is entered, and somebody else decides it."""
    said = (body.referral, key_of(who, key))
    return done(await say.matches.confirm(who, directory, *said, deal=body.deal_id, person=body.person))


@router.post("/v1/crm/matches/denial", operation_id="decline_crm_match")
async def decline_crm_match(
    body: bodies.CrmMatch,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.matches.decline),
) -> models.Decision:
    """Say that the contact did not come by a referral: it is not shown again."""
    said = (body.referral, key_of(who, key))
    return done(await say.matches.decline(who, directory, *said, deal=body.deal_id, person=body.person))
