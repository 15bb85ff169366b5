"""The record of looking: that evidence was opened, personal fields that are shown with it, and who did so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from goodword.api import bodies, fields, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar
from goodword.core.state import Look

router = APIRouter()

Subject = Annotated[fields.Id, Path()]


@router.get("/v1/looks", operation_id="list_looks", tags=["looks"])
async def list_looks(
    subject: Annotated[fields.Id, Query()],
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.looking.of),
) -> models.Page[models.Look]:
    """Who looked at a reward, case, claim, payout, person, event, list or file, the newest first."""
    return page(await see.looking.of(who, directory, subject, after=after, limit=limit), _look)


def _look(look: Look) -> models.Look:
    return models.Look(**(shown(look) | {"at": calendar.text(look.at)}))


@router.post("/v1/rewards/{reward}/looks", operation_id="open_reward_evidence", tags=["looks"])
async def open_reward_evidence(
    reward: Subject,
    body: bodies.Opened,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.looking.reward),
) -> models.Decision:
    """Say that you opened the evidence of a reward: one that is flagged cannot be approved by who did not."""
    return done(await say.looking.reward(who, directory, reward, body.seconds, key_of(who, key)))


@router.post("/v1/cases/{case}/looks", operation_id="open_case_evidence", tags=["looks"])
async def open_case_evidence(
    case: Subject,
    body: bodies.Opened,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.looking.case),
) -> models.Decision:
    """Say that you opened the evidence of a case."""
    return done(await say.looking.case(who, directory, case, body.seconds, key_of(who, key)))


@router.post("/v1/claims/{claim}/looks", operation_id="open_claim_evidence", tags=["looks"])
async def open_claim_evidence(
    claim: Subject,
    body: bodies.Opened,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.looking.claim),
) -> models.Decision:
    """Say that you opened the evidence of a claim."""
    return done(await say.looking.claim(who, directory, claim, body.seconds, key_of(who, key)))


@router.post("/v1/unmaskings", operation_id="unmask_fields", tags=["looks"])
async def unmask_fields(
    body: bodies.Unmasking,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.people.unmask),
) -> models.Unmasked:
    """Show personal fields of a person or of an event; that you asked, and why, stands on the record."""
    seen = await say.people.unmask(who, directory, body.subject, body.fields, body.note, key_of(who, key))
    return models.Unmasked(values=seen.values, decision=done(seen.entry))
