"""The workspace of the key, its clock, and sandboxes beside it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from goodword.api import bodies, models
from goodword.api.answers import done, shown
from goodword.api.auth import House, IdempotencyKey, key_of, needs
from goodword.api.errors import ProblemError
from goodword.app.directory import Principal
from goodword.app.say import reviews, workspaces
from goodword.core import calendar
from goodword.core.events import ClockMoved

router = APIRouter(tags=["workspaces"])


@router.get("/v1/workspaces", operation_id="get_workspace")
async def get_workspace(who: Principal = needs("read")) -> models.Workspace:
    """The workspace that the key opens."""
    ws = who.workspace
    return models.Workspace(
        id=ws.id, name=ws.name, mode=ws.mode, clock=ws.clock, created_at=calendar.text(ws.created_at)
    )


@router.post("/v1/workspaces", operation_id="create_workspace", status_code=201)
async def create_workspace(
    body: bodies.NewWorkspace, house: House, who: Principal = needs("member.manage")
) -> models.CreatedWorkspace:
    """Make a sandbox that the caller owns; a key of a member is needed."""
    mail = await workspaces.mail_of(house, who)
    if mail is None:
        raise ProblemError(403, "not_permitted", "A workspace belongs to a person: use a member's key.")
    made = await workspaces.create_workspace(
        house.engine,
        house.vault,
        body.name,
        mail,
        clock=body.clock,
        starts_at=calendar.parse(body.starts_at) if body.starts_at else None,
    )
    return models.CreatedWorkspace(**shown(made))


@router.get("/v1/clock", operation_id="get_clock")
async def get_clock(house: House, who: Principal = needs("read")) -> models.Clock:
    """What the workspace's clock shows."""
    now = await workspaces.now(house, who.workspace.id)
    return models.Clock(now=calendar.text(now), clock=who.workspace.clock)


@router.post("/v1/clock", operation_id="move_clock")
async def move_clock(
    body: bodies.ClockMove, house: House, key: IdempotencyKey, who: Principal = needs("clock.move")
) -> models.Decision:
    """Move a sandbox's manual clock forward; answered when every timer up to then is decided."""
    if who.workspace.clock != "manual":
        raise ProblemError(409, "clock_not_manual", "Only a manual clock is moved; it is chosen with the workspace.")
    to = calendar.parse(body.to)

    def make(stamp: Any) -> ClockMoved:
        return ClockMoved(**stamp, to=to)

    entry = await reviews.say(house, who, make, key_of(who, key))
    return done(entry)
