"""Members, with their mails."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core import state
from goodword.core.facts import Actor
from goodword.store import pages, workspaces


class Member(Struct, frozen=True):
    """A member; ``mail`` is None for a reader who may see no mails."""

    member: state.Member
    mail: str | None


@requires("member.read")
async def every(who: Principal, directory: Directory) -> list[Member]:
    """Return all members, in order of id."""
    async with directory.reading() as conn:
        found = await pages.members(conn, who.workspace.id)
        mails = await workspaces.mails(conn, who.workspace) if who.may("member.mails") else {}
    return [Member(member, mails.get(member.id)) for member in found]


@requires("member.read")
async def owner(who: Principal, directory: Directory) -> Actor:
    """Return the workspace's first owner: as whom the holder of the database acts. Raises UnknownError."""
    async with directory.reading() as conn:
        for one in await pages.members(conn, who.workspace.id):
            if "owner" in one.roles:
                return Actor(id=one.id, kind="member", roles=one.roles, limits=one.limits)
    raise UnknownError("owner")
