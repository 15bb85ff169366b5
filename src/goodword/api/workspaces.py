"""The workspace of the key, its clock, and sandboxes beside it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from goodword.api import bodies, models
from goodword.api.answers import done, shown
from goodword.api.auth import DIRECTORY, IdempotencyKey, key_of, needs
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core import calendar

router = APIRouter(tags=["workspaces"])

HostName = Annotated[str, Path(max_length=253)]


@router.get("/v1/workspaces", operation_id="get_workspace")
async def get_workspace(
    directory: Directory = DIRECTORY, who: Principal = needs(see.workspaces.get)
) -> models.Workspace:
    """The workspace that the key opens."""
    return models.Workspace(**shown(await see.workspaces.get(who, directory)))


@router.post("/v1/workspaces", operation_id="create_workspace", status_code=201)
async def create_workspace(
    body: bodies.NewWorkspace, directory: Directory = DIRECTORY, who: Principal = needs(say.workspaces.create_sandbox)
) -> models.CreatedWorkspace:
    """Make a sandbox that the caller owns; a key of a member is needed."""
    starts_at = calendar.parse(body.starts_at) if body.starts_at else None
    made = await say.workspaces.create_sandbox(who, directory, body.name, clock=body.clock, starts_at=starts_at)
    return models.CreatedWorkspace(**shown(made))


@router.get("/v1/hosts", operation_id="list_hosts")
async def list_hosts(
    directory: Directory = DIRECTORY, who: Principal = needs(see.hosts.every)
) -> models.Page[models.Host]:
    """The hosts at which the workspace's links work; links are given at the first."""
    return models.Page(items=[models.Host(host=host) for host in await see.hosts.every(who, directory)])


@router.put("/v1/hosts/{host}", operation_id="set_host")
async def set_host(
    host: HostName, directory: Directory = DIRECTORY, who: Principal = needs(say.hosts.set_host)
) -> models.Host:
    """Let links work at a host whose DNS leads here, and give them there from now on; those at hosts of before go on working."""
    return models.Host(host=await say.hosts.set_host(who, directory, host))


@router.delete("/v1/hosts/{host}", operation_id="remove_host", status_code=204)
async def remove_host(
    host: HostName, directory: Directory = DIRECTORY, who: Principal = needs(say.hosts.remove)
) -> Response:
    """Let links at a host work no more."""
    await say.hosts.remove(who, directory, host)
    return Response(status_code=204)


@router.get("/v1/clock", operation_id="get_clock")
async def get_clock(directory: Directory = DIRECTORY, who: Principal = needs(see.clock.now)) -> models.Clock:
    """What the workspace's clock shows."""
    now = await see.clock.now(who, directory)
    return models.Clock(now=calendar.text(now), clock=who.workspace.clock)


@router.post("/v1/clock", operation_id="move_clock")
async def move_clock(
    body: bodies.ClockMove,
    key: IdempotencyKey = None,
    directory: Directory = DIRECTORY,
    who: Principal = needs(say.clock.move),
) -> models.Decision:
    """Move a sandbox's manual clock forward; answered when every timer up to then is decided."""
    return done(await say.clock.move(who, directory, calendar.parse(body.to), key_of(who, key)))
