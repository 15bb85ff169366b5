"""Who comes by a link or with a session: nobody is known yet, so these use cases ask for no permission.

Must not know: cookies, pages, what a member may do.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.store import sessions, workspaces
from goodword.store.workspaces import Workspace

#: Microseconds after which a session is over, however much it is used.
LASTS = sessions.SESSION_LASTS
Browser = sessions.Browser


class Whom(Struct, frozen=True):
    """A member at the door. ``mail`` is None where it was erased."""

    workspace: Workspace
    member: str
    mail: str | None


async def invited(directory: Directory, token: str) -> Whom | None:
    """Return whom a link would sign in; None: it was used, has expired or never was. It is not used up by looking."""
    async with directory.reading() as conn:
        signed = await sessions.whose_link(conn, token, directory.now())
    return await _whom(directory, signed)


async def enter(directory: Directory, token: str, browser: Browser) -> str | None:
    """Use a link up; return the token of the session that it opens, or None likewise."""
    async with directory.pool.acquire() as conn, conn.transaction():
        signed = await sessions.take_link(conn, token, directory.now())
        return None if signed is None else await sessions.open_session(conn, signed, browser, directory.now())


async def known(directory: Directory, token: str) -> tuple[Principal, Whom] | None:
    """Return who has a session, with the roles and limits of the present; None: it is over, or never was."""
    async with directory.pool.acquire() as conn:
        opened = await sessions.whose_session(conn, token, directory.now())
    whom = await _whom(directory, opened)
    if opened is None or whom is None:
        return None
    actor = await directory.member(whom.workspace.id, whom.member)
    return Principal("session", whom.workspace, replace(actor, session=opened.id)), whom


async def leave(directory: Directory, token: str) -> None:
    """End a session."""
    async with directory.pool.acquire() as conn:
        await sessions.end_session(conn, token)


async def _whom(directory: Directory, signed: sessions.Signed | sessions.Opened | None) -> Whom | None:
    workspace = await directory.workspace(signed.workspace) if signed is not None else None
    if signed is None or workspace is None:
        return None
    async with directory.reading() as conn:
        mails = await workspaces.mails(conn, workspace)
    return Whom(workspace, signed.member, mails.get(signed.member))
