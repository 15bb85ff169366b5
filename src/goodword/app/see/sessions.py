"""Sessions of the console: who is signed in, where. Must not know: cookies, pages."""

from __future__ import annotations

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.store import sessions


class Session(Struct, frozen=True):
    """A session that is not over. ``way``: link or password; ``here``: whether this is asked by it. Instants are of the real clock."""

    id: str
    opened_at: int
    seen_at: int
    agent: str
    address: str
    way: str
    here: bool


@requires("session.read")
async def mine(who: Principal, directory: Directory) -> list[Session]:
    """Return one's own, the last used first."""
    return await _of(who, directory, who.actor.id)


@requires("member.manage")
async def of(who: Principal, directory: Directory, member: str) -> list[Session]:
    """Return a member's, likewise."""
    return await _of(who, directory, member)


async def _of(who: Principal, directory: Directory, member: str) -> list[Session]:
    async with directory.reading() as conn:
        rows = await sessions.of_member(conn, who.workspace.id, member, directory.now())
    return [Session(*row, here=row.id == who.actor.session) for row in rows]
