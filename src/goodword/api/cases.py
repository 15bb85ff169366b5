"""Cases: what flags opened, whose each is and by when, what is said about it, and how it is closed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from msgspec.structs import asdict

from goodword.api import bodies, fields, models
from goodword.api.answers import done, of_preview, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.api.paging import After, Limit, page
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say.said import Why
from goodword.app.see.stories import Story
from goodword.core import calendar
from goodword.core.state import Case

router = APIRouter()

CaseId = Annotated[fields.Id, Path()]


def _case(case: Case) -> models.Case:
    comments = [models.Comment(by=it.by, at=calendar.text(it.at), note=it.note) for it in case.comments]
    return models.Case(**(shown(case) | {"comments": comments}))


def _story(it: Story) -> dict[str, Any]:
    return {**asdict(it), "handed_in_at": calendar.text(it.handed_in_at)}


@router.get("/v1/stories", operation_id="list_stories", tags=["cases"])
async def list_stories(
    directory: Directory = DIRECTORY, who: Principal = needs(see.stories.public)
) -> models.Page[models.Story]:
    """What everybody may read of what advocates handed in, the newest first. Ask anew each time: who takes it back is gone."""
    found = await see.stories.public(who, directory)
    return models.Page(items=[models.Story(**_story(it)) for it in found])


@router.get("/v1/cases/precision", operation_id="list_precision", tags=["cases"])
async def list_precision(
    directory: Directory = DIRECTORY, who: Principal = needs(see.cases.precision)
) -> list[models.Precision]:
    """How often each flag was worth a look, as those said who closed its cases."""
    return [models.Precision(**shown(one)) for one in await see.cases.precision(who, directory)]


@router.get("/v1/cases/{case}", operation_id="get_case", tags=["cases"])
async def get_case(
    case: CaseId, directory: Directory = DIRECTORY, who: Principal = needs(see.cases.get)
) -> models.Case:
    """One case."""
    return _case(await see.cases.get(who, directory, case))


@router.post("/v1/cases/{case}/preview", operation_id="preview_case", tags=["cases"])
async def preview_case(
    case: CaseId,
    body: bodies.CaseAnswer,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.preview),
) -> models.DecisionPreview:
    """What closing a case so would decide and move, as things are now. Nothing of it is kept."""
    return of_preview(await say.cases.preview(who, directory, case, body.outcome, body.reason, body.choice))


@router.post("/v1/cases/{case}/assignment", operation_id="assign_case", tags=["cases"])
async def assign_case(
    case: CaseId,
    body: bodies.Assignment,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.assign),
) -> models.Decision:
    """Say whose a case is, and by when it is to be decided."""
    due = calendar.parse(body.due_at) if body.due_at is not None else None
    return done(await say.cases.assign(who, directory, case, body.member, due, key_of(who, key)))


@router.post("/v1/cases/{case}/comments", operation_id="comment_case", tags=["cases"])
async def comment_case(
    case: CaseId,
    body: bodies.Comment,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.comment),
) -> models.Decision:
    """Comment on a case; ``told``: it is an answer to the person whose dispute it is, who reads it."""
    return done(await say.cases.comment(who, directory, case, body.note, key_of(who, key), told=body.told))


@router.post("/v1/cases/{case}/snooze", operation_id="snooze_case", tags=["cases"])
async def snooze_case(
    case: CaseId,
    body: bodies.Snooze,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.snooze),
) -> models.Decision:
    """Put a case aside, not beyond the time by which it is due; without ``until`` it is back. Something new brings it back at once."""
    until = calendar.parse(body.until) if body.until is not None else None
    return done(await say.cases.snooze(who, directory, case, until, body.reason, body.note, key_of(who, key)))


@router.get("/v1/cases", operation_id="list_cases", tags=["cases"])
async def list_cases(
    status: str | None = None,
    after: After = "",
    limit: Limit = 50,
    directory: Directory = DIRECTORY,
    who: Principal = needs(see.cases.page),
) -> models.Page[models.Case]:
    """Cases: what flags opened."""
    cases = await see.cases.page(who, directory, status=status, after=after, limit=limit)
    return page(cases, _case)


@router.post("/v1/cases/{case}/decision", operation_id="decide_case", tags=["cases"])
async def decide_case(
    case: Annotated[fields.Id, Path()],
    body: bodies.CaseAnswer,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.decide),
) -> models.Decision:
    """Close a case: cleared lets its rewards go on, confirmed rejects them and tells the beneficiaries why unless it is withheld.

    Of an invoice that came again with other values, kept leaves the first ones, replaced takes the others. Of a dispute, upheld
    says that they are right, dismissed that it stays; neither moves money, and they read the note. Of a story, shown has it shown
    where its person permits it, not_shown nowhere, also when it was shown before.
    """
    why = Why(body.reason, body.note, body.withheld)
    return done(
        await say.cases.decide(who, directory, case, body.outcome, why, key_of(who, key), body.choice, body.worth)
    )


@router.post("/v1/cases/{case}/appeal", operation_id="appeal_case", tags=["cases"])
async def appeal_case(
    case: Annotated[fields.Id, Path()],
    body: bodies.Appeal,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.cases.appeal),
) -> models.Decision:
    """Have the decision of a case looked at again, by a member who did not decide it; once, and in its time."""
    return done(await say.cases.appeal(who, directory, case, body.reason, body.note, key_of(who, key)))
