"""Workspaces: the one that is open, and all of an installation."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Operator, Principal, requires
from goodword.core.state import Member
from goodword.store import credentials, entities, workspaces


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


class Place(Struct, frozen=True):
    """A workspace in which somebody is a member. ``here``: whether it is the one that they look at."""

    id: str
    name: str
    mode: str
    roles: list[str]
    here: bool


@requires("session.read")
async def mine(who: Principal, directory: Directory) -> list[Place]:
    """Return the workspaces in which one's own mail is a member's, the live ones first."""
    among = {ws.id: ws for ws in await directory.every_workspace()}
    async with directory.reading() as conn:
        mail = await workspaces.mail(conn, who.workspace, who.actor.id)
        found = await credentials.members(conn, list(among.values()), mail) if mail is not None else []
        known = [
            (among[one.workspace], await entities.load(conn, one.workspace, Member, [one.member])) for one in found
        ]
    here = who.workspace.id
    places = [Place(ws.id, ws.name, ws.mode, list(row.roles), ws.id == here) for ws, rows in known for row in rows]
    return sorted(places, key=lambda place: (place.mode != "live", place.id))
