"""Links by which members sign in to the console. Must not know: cookies, pages."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.errors import UnknownError
from goodword.app.principal import Principal, requires
from goodword.core.state import Member
from goodword.store import entities, sessions


@requires("member.manage")
async def link(who: Principal, directory: Directory, member: str) -> str:
    """Return the token of a link that signs a member in once, within a quarter of an hour. Raises UnknownError.

    Whoever has it is that member for the console: it is given to nobody else.
    """
    async with directory.pool.acquire() as conn:
        if not await entities.load(conn, who.workspace.id, Member, [member]):
            raise UnknownError("member")
        return await sessions.new_link(conn, who.workspace.id, member, directory.now())
