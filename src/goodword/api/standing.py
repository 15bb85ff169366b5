"""Standing approvals: read with what they have approved, asked for, and stopped; confirmed as a change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from goodword.api import bodies, fields, models
from goodword.api.answers import done
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.standing import Wanted
from goodword.app.see.standing import Given, Wish
from goodword.core import calendar

router = APIRouter(tags=["standing approvals"])


@router.get("/v1/standing-approvals", operation_id="list_standing_approvals")
async def list_standing_approvals(
    directory: Directory = DIRECTORY, who: Principal = needs(see.standing.whole)
) -> models.StandingApprovals:
    """What was approved beforehand, the newest first, with what each has approved so far; and what waits for a second member."""
    whole = await see.standing.whole(who, directory)
    return models.StandingApprovals(
        items=[_given(it) for it in whole.given], waiting=[_wish(it) for it in whole.waiting]
    )


@router.post("/v1/standing-approvals", operation_id="ask_for_standing_approval")
async def ask_for_standing_approval(
    body: bodies.NewStandingApproval,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.standing.ask),
) -> models.Decision:
    """Ask for a standing approval, which waits until an approver or owner who is another person confirms it (`second_person_needed`).

    Neither of the two may have published rules of the program. What was asked for there before, and still waits, is withdrawn.
    """
    wanted = Wanted(**{**dict(body), "until": calendar.parse(body.until)})
    return done(await say.standing.ask(who, directory, wanted, key_of(who, key)))


@router.post("/v1/standing-approvals/{standing}/stop", operation_id="stop_standing_approval")
async def stop_standing_approval(
    standing: Annotated[fields.Id, Path()],
    body: bodies.StandingStop,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.standing.stop),
) -> models.Decision:
    """Stop a standing approval: it covers nothing from now on. What it has approved stays so."""
    return done(await say.standing.stop(who, directory, standing, body.reason, key_of(who, key)))


def _given(given: Given) -> models.StandingApproval:
    it = given.it
    return models.StandingApproval(
        id=it.id,
        program=it.program,
        state=given.state,
        said=given.said,
        kind=it.kind,
        unit=it.unit,
        rail=it.rail,
        side=it.side,
        per_reward=it.per_reward,
        per_beneficiary=it.per_beneficiary,
        in_all=it.in_all,
        used=given.used,
        count=given.count,
        since=calendar.text(it.since),
        until=calendar.text(it.until),
        sha256=it.hash,
        granted_by=list(it.granted_by),
        stopped_by=it.stopped_by,
        stopped_at=None if it.stopped_at is None else calendar.text(it.stopped_at),
        reason=it.reason,
        evt=it.evt,
    )


def _wish(it: Wish) -> models.StandingWish:
    asked = {"asked_by": it.change.asked_by, "asked_at": calendar.text(it.change.asked_at)}
    return models.StandingWish(change=it.change.id, program=it.change.subject, said=it.said, **asked)
