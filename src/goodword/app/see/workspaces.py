"""Workspaces: the one that is open, and all of an installation."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Operator, Principal, requires
from goodword.store import workspaces


class Workspace(Struct, frozen=True):
    """A workspace without its keys. ``created_at``: an instant of the real clock."""

    id: str
    name: str
    mode: str
    clock: str
    created_at: int


@requires("workspace.read")
async def get(who: Principal, directory: Directory) -> Workspace:
    """Return the workspace that is open to the caller."""
    del directory  # it is known with the principal
    ws = who.workspace
    return Workspace(ws.id, ws.name, ws.mode, ws.clock, ws.created_at)


@requires("installation.manage")
async def every(who: Operator, directory: Directory) -> list[str]:
    """Return the ids of all workspaces, the oldest first."""
    del who
    async with directory.reading() as conn:
        return await workspaces.every(conn)


@requires("installation.manage")
async def listed(who: Operator, directory: Directory) -> list[workspaces.Listed]:
    """Return all workspaces with how many events wait in each, the oldest first; none of their keys is opened."""
    del who
    async with directory.reading() as conn:
        return await workspaces.listed(conn)
